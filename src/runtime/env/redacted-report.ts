import type { RequestReport } from '../egress/request-record.ts';
import type { Redactor } from './redactor.ts';

/** UTF-16 units of a URL in a report. */
const MAX_URL = 2048;
const MAX_METHOD = 32;

/** What is told of a request, without secret values: scripts put them into paths, too. Cut after that, so that no part of one is left. Pure. */
export function redactedReport(report: RequestReport, redactor: Redactor): RequestReport {
  const { method, url, error } = report;
  return {
    ...report,
    method: redactor.text(method).slice(0, MAX_METHOD),
    url: redactor.text(url).slice(0, MAX_URL),
    ...(error === undefined ? {} : { error: redactor.text(error) }),
  };
}
