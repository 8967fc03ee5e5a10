/** A field's text out of a form; empty where there is none. */
export function textOf(form: FormData, name: string): string {
  const found = form.get(name);
  return typeof found === 'string' ? found.trim() : '';
}

/** The end of a day that was picked, in the reader's own time zone; null where none was. */
export function endOfDay(form: FormData, name: string): number | null {
  const day = textOf(form, name);
  return day === '' ? null : Date.parse(`${day}T23:59:59`);
}

/** A day for a date field, so many days from now. */
export function dayAhead(days: number): string {
  const day = new Date(Date.now() + days * 86_400_000);
  return `${day.getFullYear()}-${String(day.getMonth() + 1).padStart(2, '0')}-${String(day.getDate()).padStart(2, '0')}`;
}
