const whole = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });

/** A count, with the reader's own separators. */
export function count(value: number): string {
  return whole.format(value);
}

/** An amount in minor units of a currency. */
export function money(minor: number, currency: string): string {
  return new Intl.NumberFormat(undefined, { style: 'currency', currency }).format(minor / 100);
}
