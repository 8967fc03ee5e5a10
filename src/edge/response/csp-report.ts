// Reports that browsers send (CSP level 3, section 5.3; Reporting API). Anybody can send any: what is kept are directive and hosts.
import { redactPath } from '../spool/redact.ts';

export const MAX_REPORT_BYTES = 32 * 1024;
const MAX_REPORTS = 20;

export interface CspReport {
  readonly directive: string;
  /** The host of what was stopped, or a word as `inline`. */
  readonly blocked: string;
  readonly page: string;
  readonly disposition: 'enforce' | 'report';
}

function isDict(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The reports in a body; empty where it is none. */
export function cspReports(body: Uint8Array): CspReport[] {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    return []; // not a report
  }
  const list = Array.isArray(value) ? value : [value];
  return list.slice(0, MAX_REPORTS).flatMap((one) => {
    if (!isDict(one)) return [];
    const own = isDict(one['csp-report'])
      ? one['csp-report']
      : one['type'] === 'csp-violation'
        ? one['body']
        : null;
    if (!isDict(own)) return [];
    const text = (...names: readonly string[]): string => {
      const found = names.map((name) => own[name]).find((member) => typeof member === 'string');
      return typeof found === 'string' ? found : '';
    };
    const directive = /^[a-z-]{1,40}/u.exec(
      text('effective-directive', 'effectiveDirective', 'violated-directive'),
    )?.[0];
    if (directive === undefined) return [];
    return [
      {
        directive,
        blocked: hostOrWord(text('blocked-uri', 'blockedURL')),
        page: pageOf(text('document-uri', 'documentURL')),
        disposition: text('disposition') === 'enforce' ? 'enforce' : 'report',
      } as const,
    ];
  });
}

function hostOrWord(given: string): string {
  if (/^[a-z-]{1,20}$/u.test(given)) return given;
  return URL.canParse(given) ? new URL(given).host.slice(0, 100) : '';
}

function pageOf(given: string): string {
  return URL.canParse(given) ? redactPath(new URL(given).pathname) : '';
}
