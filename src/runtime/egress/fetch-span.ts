import { isHttpMethod } from '../../api/http-methods.ts';
import type { Attributes } from '../../api/span.ts';
import { redactedReport } from '../env/redacted-report.ts';
import type { Redactor } from '../env/redactor.ts';
import type { RunSpans } from '../run-spans.ts';
import type { RequestReport } from './request-record.ts';

/** The span of one request; a redirect is a request of its own. */
export interface RequestSpan {
  /** W3C trace context for the server that gets the request. */
  readonly traceparent: string;
  end(report: RequestReport): void;
}

/**
 * Starts the span of a request, named and described as OpenTelemetry's conventions for HTTP clients say.
 * https://opentelemetry.io/docs/specs/semconv/http/http-spans/
 *
 * @param within number of the script's own span that the request is made in, 0 for none
 */
export function startFetchSpan(spans: RunSpans, within: number, method: string, redactor: Redactor): RequestSpan {
  const span = spans.requestOfCall(isHttpMethod(method) ? method : 'HTTP', within, 'Client');
  return {
    traceparent: spans.traceparent(span),
    end: (report) => {
      span.set(attributesOf(redactedReport(report, redactor)));
      const { error, outcome, status = 0 } = report;
      const hasFailed = error !== undefined || outcome === 'aborted' || status >= 400;
      span.end(hasFailed ? '' : undefined);
    },
  };
}

/** Pure. */
export function attributesOf(report: RequestReport): Attributes {
  const { method, url, status, rule, outcome, error, bytesSent, bytesReceived } = report;
  const { hostname = '', port = '', protocol = '' } = URL.parse(url) ?? {};
  const errorType = error !== undefined || outcome === 'aborted' ? outcome : (status ?? 0) >= 400 ? String(status) : '';
  return {
    'http.request.method': isHttpMethod(method) ? method : '_OTHER',
    ...(isHttpMethod(method) ? {} : { 'http.request.method_original': method }),
    'url.full': url,
    'server.address': hostname,
    'server.port': Number(port) || (protocol === 'http:' ? 80 : 443),
    ...(status === undefined ? {} : { 'http.response.status_code': status }),
    ...(rule === undefined ? {} : { 'copepod.egress.rule': rule }),
    'http.request.body.size': bytesSent,
    'http.response.body.size': bytesReceived,
    ...(errorType === '' ? {} : { 'error.type': errorType }),
  };
}
