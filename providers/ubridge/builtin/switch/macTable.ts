const SETS = 512;
const WAYS = 8;
const EMPTY = -1;

interface Heard {
  readonly vlan: number;
  readonly mac: string;
  readonly port: number;
  /** Seconds since it was heard last. */
  readonly ageS: number;
}

/**
 * Which port a station was last heard at, as a switch's hardware keeps it: a hash names a set of eight places, and in a
 * full set the station that was silent longest gives up its place. So its size is fixed, whatever is sent, and a station
 * that lost its place is merely flooded to. A MAC address comes as its upper 16 and lower 32 bits.
 */
export class MacTable {
  /** VLAN and the upper bits of the address. */
  private readonly high = new Uint32Array(SETS * WAYS);
  private readonly low = new Uint32Array(SETS * WAYS);
  private readonly port = new Int32Array(SETS * WAYS).fill(EMPTY);
  /** Seconds, of the caller's clock. */
  private readonly heard = new Float64Array(SETS * WAYS);
  private ageS: number;

  /** With 0 nothing is learned. */
  constructor(ageS: number) {
    this.ageS = ageS;
  }

  get agingS(): number {
    return this.ageS;
  }

  setAging(ageS: number): void {
    this.ageS = ageS;
    if (ageS === 0) this.port.fill(EMPTY);
  }

  learn(vlan: number, high: number, low: number, port: number, nowS: number): void {
    if (this.ageS === 0) return;
    const first = setOf(vlan, high, low);
    const tag = tagOf(vlan, high);
    let place = first;
    for (let at = first; at < first + WAYS; at++) {
      if (this.port[at] !== EMPTY && this.high[at] === tag && this.low[at] === low) {
        place = at;
        break;
      }
      if (this.sinceOf(at) < this.sinceOf(place)) place = at;
    }
    this.high[place] = tag;
    this.low[place] = low;
    this.port[place] = port;
    this.heard[place] = nowS;
  }

  /** -1 for a station that was not heard for so long that it may be anywhere. */
  find(vlan: number, high: number, low: number, nowS: number): number {
    const first = setOf(vlan, high, low);
    const tag = tagOf(vlan, high);
    for (let at = first; at < first + WAYS; at++) {
      if (this.port[at] === EMPTY || this.high[at] !== tag || this.low[at] !== low) continue;
      return nowS - (this.heard[at] as number) < this.ageS ? (this.port[at] as number) : EMPTY;
    }
    return EMPTY;
  }

  /** All that was learned at a port. */
  forget(port: number): void {
    for (let at = 0; at < this.port.length; at++) if (this.port[at] === port) this.port[at] = EMPTY;
  }

  /** Those that have not aged, in no order. */
  list(nowS: number): readonly Heard[] {
    const found: Heard[] = [];
    for (let at = 0; at < this.port.length; at++) {
      const ageS = nowS - (this.heard[at] as number);
      if (this.port[at] === EMPTY || ageS >= this.ageS) continue;
      const high = this.high[at] as number;
      const digits = hex(high & 0xffff, 4) + hex(this.low[at] as number, 8);
      found.push({
        vlan: high >>> 16,
        mac: (digits.match(/../g) ?? []).join(":"),
        port: this.port[at] as number,
        ageS,
      });
    }
    return found;
  }

  /** An empty place is the first to be taken. */
  private sinceOf(at: number): number {
    return this.port[at] === EMPTY ? Number.NEGATIVE_INFINITY : (this.heard[at] as number);
  }
}

function tagOf(vlan: number, high: number): number {
  return ((vlan << 16) | high) >>> 0;
}

function setOf(vlan: number, high: number, low: number): number {
  const mixed = Math.imul(low ^ Math.imul(tagOf(vlan, high), 0x9e3779b1), 0x85ebca6b);
  return (mixed >>> 23) * WAYS;
}

function hex(number: number, digits: number): string {
  return number.toString(16).padStart(digits, "0");
}
