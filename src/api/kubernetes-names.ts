const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const QUALIFIED = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const LABEL_VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/;
const RFC_3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d?):(\d\d):(\d\d)([.,]\d+)?(?:Z|[-+](\d\d):(\d\d))$/;

/** The longest name of an object, and the longest prefix of a label. */
export const MAX_NAME_LENGTH = 253;

/** Whether this is a DNS label (RFC 1123), as names of namespaces are. */
export const isDnsLabel = (name: string): boolean => name.length <= 63 && LABEL.test(name);

/** Whether this is a DNS subdomain (RFC 1123), as names of most objects are. */
export const isSubdomain = (name: string): boolean => name.length <= MAX_NAME_LENGTH && SUBDOMAIN.test(name);

/** Whether this is a key of a label, or the name of a finalizer: `app` or `example.com/app`. */
export function isQualifiedName(key: string): boolean {
  const slash = key.indexOf('/');
  const name = key.slice(slash + 1);
  if (slash !== -1 && !isSubdomain(key.slice(0, slash))) return false;
  return name.length <= 63 && QUALIFIED.test(name);
}

/** Whether this is the value of a label. */
export const isLabelValue = (value: string): boolean => value.length <= 63 && LABEL_VALUE.test(value);

/** Whether Go reads this as a time of RFC 3339 (`time.Parse`): with an hour of one digit, and a comma before fractions. */
export function isTime(text: string): boolean {
  const match = RFC_3339.exec(text);
  if (match === null) return false;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  const [offsetHours = 0, offsetMinutes = 0] = match.slice(8).map((part) => Number(part ?? 0));
  const daysInMonth = new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
  const isDate = month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth;
  return isDate && hour < 24 && minute < 60 && second < 60 && offsetHours <= 24 && offsetMinutes <= 60;
}
