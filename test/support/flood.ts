import { bootableDisk } from "./bootable.ts";

/** al to a serial port, once it takes a byte: `base` as two bytes, the lower first. */
function put(base: readonly [number, number]): readonly number[] {
  const [low, high] = base;
  return [
    ...[0xba, low + 5, high], // mov dx, base + 5
    ...[0xec, 0xa8, 0x20, 0x74, 0xfb], // in al, dx; test al, 20h; jz back to in
    ...[0xba, low, high], // mov dx, base
    ...[0x88, 0xe0, 0xee], // mov al, ah; out dx, al
  ];
}

const PUT = [0x88, 0xc4, ...put([0xf8, 0x03]), ...put([0xf8, 0x02]), 0xc3]; // mov ah, al; …; ret

const NEXT = [
  ...[0xb9, 0x08, 0x00], // mov cx, 8
  ...[0x66, 0x89, 0xdd], // mov ebp, ebx
  ...[0x66, 0xc1, 0xc5, 0x04], // rol ebp, 4
  ...[0x89, 0xe8, 0x24, 0x0f], // mov ax, bp; and al, 0fh
  ...[0x04, 0x30, 0x3c, 0x3a, 0x72, 0x02, 0x04, 0x27], // add al, '0'; above '9' to 'a'
];

/** What follows `NEXT`, up to `PUT`: each call is 3 bytes, and counts from its end. */
function rest(): readonly number[] {
  const length = 3 + 2 + 2 + 3 + 2 + 3 + 2 + 2;
  const call = (from: number) => [0xe8, length - from - 3, 0x00];
  const back = (to: number, from: number) => (to - from - 2) & 0xff;
  const digit = 6 - NEXT.length;
  return [
    ...call(0),
    ...[0xe2, back(digit, 3)], // loop to the next digit
    ...[0xb0, 0x0d, ...call(7), 0xb0, 0x0a, ...call(12)],
    ...[0x66, 0x43], // inc ebx
    ...[0xeb, back(-NEXT.length, length - 2)], // jmp to the next line
  ];
}

/** A disk that boots into a count of eight hexadecimal digits a line, on both serial ports, as fast as they take it. */
export function floodingDisk(): Buffer {
  return bootableDisk("", [0x66, 0x31, 0xdb, ...NEXT, ...rest(), ...PUT]); // xor ebx, ebx
}
