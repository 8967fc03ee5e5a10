const format = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const dayFormat = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });

/** A moment in the reader's own words and time zone. */
export function moment(at: number): string {
  return format.format(at);
}

/** The same without the hour. */
export function day(at: number): string {
  return dayFormat.format(at);
}
