/**
 * Logarithms and powers of doubles to the last bit as Terraform has them. Its are Go's, and JavaScript's differ from
 * those in the last digit of every tenth result or so: log is FreeBSD's e_log (Go's math.Log), pow multiplies squares
 * (math.Pow), and exp is the Taylor series that Go has for amd64, whose multiplications are fused.
 */

const LN2_HIGH = 6.9314718036912381649e-1;
const LN2_LOW = 1.90821492927058770002e-10;

/** The natural logarithm; NaN of what is negative, -Infinity of 0. */
export function naturalLogarithm(double: number): number {
  if (double <= 0 || !Number.isFinite(double)) return Math.log(double);
  let { fraction, exponent } = fractionOf(double);
  if (fraction < Math.SQRT1_2) {
    fraction *= 2;
    exponent--;
  }
  const f = fraction - 1;
  const s = f / (2 + f);
  const s2 = s * s;
  const s4 = s2 * s2;
  const odd =
    s2 *
    (6.66666666666673513e-1 +
      s4 * (2.857142874366239149e-1 + s4 * (1.818357216161805012e-1 + s4 * 1.479819860511658591e-1)));
  const even = s4 * (3.999999999940941908e-1 + s4 * (2.222219843214978396e-1 + s4 * 1.531383769920937332e-1));
  const half = 0.5 * f * f;
  return exponent * LN2_HIGH - (half - (s * (half + (odd + even)) + exponent * LN2_LOW) - f);
}

/** NaN where there is no real result. */
export function power(base: number, exponent: number): number {
  if (exponent === 0 || base === 1) return 1;
  if (exponent === 1) return base;
  if (base === 0) return exponent < 0 ? Number.POSITIVE_INFINITY : 0;
  if (exponent === 0.5) return Math.sqrt(base);
  if (exponent === -0.5) return 1 / Math.sqrt(base);
  const magnitude = Math.abs(exponent);
  let whole = Math.trunc(magnitude);
  let rest = magnitude - whole;
  if (rest !== 0 && base < 0) return Number.NaN;
  if (whole >= 2 ** 63) return powerOfHuge(base, exponent);
  let result = 1;
  if (rest !== 0) {
    if (rest > 0.5) {
      rest--;
      whole++;
    }
    result = exponential(rest * naturalLogarithm(base));
  }
  const { fraction, twos } = wholePower(base, BigInt(whole), result);
  return exponent < 0 ? scaled(1 / fraction, -twos) : scaled(fraction, twos);
}

/** Such an exponent is even, and takes all but 1 and -1 to 0 or beyond all doubles. */
function powerOfHuge(base: number, exponent: number): number {
  if (base === -1) return 1;
  return Math.abs(base) < 1 === exponent > 0 ? 0 : Number.POSITIVE_INFINITY;
}

/** `first * base^exponent` as `fraction * 2^twos`, by squaring, so that nothing overflows on the way. */
function wholePower(base: number, exponent: bigint, first: number): { fraction: number; twos: number } {
  let fraction = first;
  let twos = 0;
  let square = fractionOf(base);
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (Math.abs(square.exponent) > 4096) return { fraction, twos: twos + square.exponent };
    if ((rest & 1n) === 1n) {
      fraction *= square.fraction;
      twos += square.exponent;
    }
    const next = square.fraction * square.fraction;
    const doubled = square.exponent * 2;
    square = next < 0.5 ? { fraction: next * 2, exponent: doubled - 1 } : { fraction: next, exponent: doubled };
  }
  return { fraction, twos };
}

/** Of e^x, from the last to the first. */
const series = [1 / 5040, 1 / 720, 1 / 120, 1 / 24, 1 / 6, 1 / 2, 1];

/** e to the power of what is at most a few hundred. */
function exponential(exponent: number): number {
  const halves = exponent * Math.LOG2E;
  const twos = Math.abs(halves % 1) === 0.5 ? 2 * Math.round(halves / 2) : Math.round(halves);
  const high = fused(-twos, 0.693147180559663, exponent);
  const reduced = fused(-twos, 2.8235290563031577e-13, high) / 16;
  let sum = 1 / 40320;
  for (const coefficient of series) sum = fused(sum, reduced, coefficient);
  let result = reduced * sum;
  for (let round = 0; round < 3; round++) result *= result + 2;
  return scaled(fused(result, result + 2, 1), twos);
}

/** `factor * other + addend`, rounded once. */
function fused(factor: number, other: number, addend: number): number {
  const left = integerOf(factor);
  const right = integerOf(other);
  const last = integerOf(addend);
  const exponent = Math.min(left.exponent + right.exponent, last.exponent);
  const product = (left.mantissa * right.mantissa) << BigInt(left.exponent + right.exponent - exponent);
  return nearest(product + (last.mantissa << BigInt(last.exponent - exponent)), exponent);
}

function integerOf(double: number): { readonly mantissa: bigint; readonly exponent: number } {
  if (double === 0) return { mantissa: 0n, exponent: 0 };
  const { fraction, exponent } = fractionOf(double);
  return { mantissa: BigInt(fraction * 2 ** 53), exponent: exponent - 53 };
}

/** The double nearest to `mantissa * 2^exponent`; a tie goes to the even one. */
function nearest(mantissa: bigint, exponent: number): number {
  const magnitude = mantissa < 0n ? -mantissa : mantissa;
  const drop = BigInt(Math.max(0, magnitude.toString(2).length - 53));
  let kept = magnitude >> drop;
  const dropped = magnitude - (kept << drop);
  const half = drop === 0n ? 1n : 1n << (drop - 1n);
  if (dropped > half || (dropped === half && (kept & 1n) === 1n)) kept += 1n;
  return scaled(mantissa < 0n ? -Number(kept) : Number(kept), exponent + Number(drop));
}

/** As `fraction * 2^exponent`, with a fraction of at least a half and below 1. */
function fractionOf(double: number): { fraction: number; exponent: number } {
  let exponent = Math.max(-1023, Math.floor(Math.log2(Math.abs(double))) + 1);
  let fraction = scaled(double, -exponent);
  while (Math.abs(fraction) < 0.5) {
    fraction *= 2;
    exponent--;
  }
  while (Math.abs(fraction) >= 1) {
    fraction /= 2;
    exponent++;
  }
  return { fraction, exponent };
}

/** `double * 2^twos`, in two steps: the factor may be no double itself. */
function scaled(double: number, twos: number): number {
  const first = Math.trunc(twos / 2);
  return double * 2 ** first * 2 ** (twos - first);
}
