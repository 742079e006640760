import * as dates from 'date-fns';
import { de } from 'date-fns/locale/de';
import { ja } from 'date-fns/locale/ja';

const day = new Date('2026-02-27T13:04:05Z');

export default () => ({
  formats: ["yyyy-MM-dd'T'HH:mm:ssXXX", 'PPPPpppp', 'do MMMM, RRRR-II-i', 'QQQ BBBB'].map((pattern) =>
    dates.format(day, pattern),
  ),
  locales: [de, ja].map((locale) => dates.format(day, 'PPPP', { locale })),
  distance: dates.formatDistance(day, new Date('2024-12-25'), { addSuffix: true, locale: de }),
  relative: dates.formatRelative(day, new Date('2026-02-28')),
  months: dates.addMonths(new Date('2026-01-31'), 1),
  business: dates.differenceInBusinessDays(new Date('2026-03-09'), day),
  weeks: dates.eachWeekOfInterval({ start: day, end: new Date('2026-03-20') }, { weekStartsOn: 1 }),
  duration: dates.formatDuration(dates.intervalToDuration({ start: day, end: new Date('2027-05-01') })),
  parsed: dates.parse('27. Februar 2026', 'd. MMMM yyyy', new Date(0), { locale: de }),
  iso: [dates.parseISO('2026-W09-5'), dates.parseISO('20260227T1304Z')],
  invalid: dates.isValid(dates.parseISO('2026-02-30')),
  year: dates.getISOWeekYear(new Date('2027-01-01')),
  rounded: dates.roundToNearestMinutes(day, { nearestTo: 15 }),
});
