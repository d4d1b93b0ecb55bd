/** Dates are kept in the database as texts that sort: `2026-01-31 23:59:59.123`, in UTC. */

const dayMs = 24 * 3600 * 1000;
const firstDayOfDates = Date.parse('0001-01-01T00:00:00Z');
const firstDayOfDatetime = Date.UTC(1900, 0, 1);

export const dateText = (date: Date) => date.toISOString().slice(0, 23).replace('T', ' ');

/** A stored text, or a literal that a script wrote, as milliseconds. Undefined where it is no date. */
export function dateMs(text: string): number | undefined {
  const [, date, time = '00:00:00', zone = 'Z'] =
    /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?))?\s*(Z|[+-]\d\d:\d\d)?$/.exec(text.trim()) ??
    [];
  const ms = date ? Date.parse(`${date}T${time}${zone}`) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

/** Days since 0001-01-01 and milliseconds since midnight: DATE, DATETIME2 and DATETIMEOFFSET. */
export function splitDate(ms: number): { days: number; rest: number } {
  const days = Math.floor((ms - firstDayOfDates) / dayMs);
  return { days, rest: ms - firstDayOfDates - days * dayMs };
}
export const joinDate = (days: number, rest: number) => new Date(firstDayOfDates + days * dayMs + rest);

/** Days since 1900-01-01 and 300ths of a second since midnight: DATETIME. */
export function splitDatetime(ms: number): { days: number; ticks: number } {
  const days = Math.floor((ms - firstDayOfDatetime) / dayMs);
  return { days, ticks: Math.round(((ms - firstDayOfDatetime - days * dayMs) * 3) / 10) };
}
export const joinDatetime = (days: number, ticks: number) =>
  new Date(firstDayOfDatetime + days * dayMs + Math.round((ticks * 10) / 3));
