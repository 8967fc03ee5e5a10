import { readFileSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Firewall, type Match, type RuleFile } from '#waf';
import type { CaseRequest, RegressionCase } from './cases.ts';

/** The files of a copy of the Core Rule Set as its regression suite wants them: every paranoia level, nothing blocked, the limits of its test settings. */
function crsFiles(rulesFolder: string, setupFile: string): readonly RuleFile[] {
  const names = readdirSync(rulesFolder).filter((name) => name.endsWith('.conf'));
  return [
    { path: 'engine.conf', text: ENGINE },
    { path: 'crs-setup.conf', text: readFileSync(setupFile, 'latin1') },
    { path: 'test-setup.conf', text: SETUP },
    ...names.sort().map((name) => ({ path: name, text: readFileSync(join(rulesFolder, name), 'latin1') })),
  ];
}

export function loadCrs(
  rulesFolder: string,
  setupFile: string,
  options: { readonly indexed?: boolean } = {},
): Firewall {
  const read = (name: string) =>
    existsSync(join(rulesFolder, name)) ? readFileSync(join(rulesFolder, name), 'latin1') : null;
  return new Firewall({ ...options, rules: crsFiles(rulesFolder, setupFile), files: { read } });
}

/** What the suite's own containers run with. */
export const ENGINE = `
SecRuleEngine DetectionOnly
SecRequestBodyAccess On
SecResponseBodyAccess On
SecRequestBodyLimit 13107200
SecRequestBodyNoFilesLimit 13107200
SecResponseBodyLimit 1048576
SecResponseBodyMimeType text/plain text/html text/xml application/json
SecRule REQUEST_HEADERS:Content-Type "@rx ^(?:application(?:/soap\\+|/)|text/)xml" "id:200000,phase:1,t:none,t:lowercase,pass,nolog,ctl:requestBodyProcessor=XML"
SecRule REQUEST_HEADERS:Content-Type "@rx ^application/(?:.+\\+)?json" "id:200001,phase:1,t:none,t:lowercase,pass,nolog,ctl:requestBodyProcessor=JSON"
SecRule REQBODY_ERROR "!@eq 0" "id:200002,phase:2,t:none,log,deny,status:400,msg:'Failed to parse request body.',severity:2"
SecRule MULTIPART_STRICT_ERROR "!@eq 0" "id:200003,phase:2,t:none,log,deny,status:400,msg:'Multipart request body failed strict validation.'"
`;

export const SETUP = `
SecAction "id:900005,phase:1,nolog,pass,ctl:ruleEngine=DetectionOnly,\\
 setvar:tx.paranoia_level=4,setvar:tx.blocking_paranoia_level=4,setvar:tx.detection_paranoia_level=4,\\
 setvar:tx.crs_validate_utf8_encoding=1,setvar:tx.arg_name_length=100,setvar:tx.arg_length=400,\\
 setvar:tx.total_arg_length=64000,setvar:tx.max_num_args=255,setvar:tx.max_file_size=64100,setvar:tx.combined_file_sizes=65535"
`;

/** The answer of the suite's test server: at /reflect what the posted JSON says, elsewhere 200. */
export function answerTo(
  target: string,
  body: string,
): {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer;
} {
  if (!/^\/reflect(?:$|[/?])/u.test(target))
    return { status: 200, headers: [['Content-Type', 'text/plain']], body: Buffer.from('OK') };
  try {
    const said: { status?: number; headers?: Record<string, string>; body?: string; encodedBody?: string } =
      JSON.parse(Buffer.from(body, 'latin1').toString('utf8'));
    return {
      status: said.status ?? 200,
      headers: Object.entries({ 'Content-Type': 'text/plain', ...said.headers }),
      body:
        said.encodedBody === undefined
          ? Buffer.from(said.body ?? '', 'utf8')
          : Buffer.from(said.encodedBody, 'base64'),
    };
  } catch {
    return { status: 400, headers: [['Content-Type', 'text/plain']], body: Buffer.alloc(0) };
  }
}

const CONNECTION = {
  client: { address: '127.0.0.1', port: 40000 },
  server: { address: '127.0.0.1', port: 80 },
};

/** What the rules say of one request and its answer. */
export function judge(firewall: Firewall, request: CaseRequest, at: number): readonly Match[] {
  const transaction = firewall.begin({ id: `${at}`, at: Date.UTC(2026, 0, 1), ...CONNECTION });
  transaction.request(request);
  transaction.body(Buffer.from(request.body, 'latin1'), false);
  const answer = answerTo(request.target, request.body);
  transaction.response({ status: answer.status, protocol: request.protocol, headers: answer.headers });
  transaction.responseBody(answer.body, false);
  transaction.finish();
  return transaction.matches;
}

/** A match as a line of a log, as far as cases look at it. */
function line(match: Match): string {
  return `[id "${match.ruleId}"] [msg "${match.message}"] [data "${match.data}"] ${match.values.map(({ name }) => name).join(' ')}`;
}

/** In what a case differs from what was found; empty where it does not. */
export function differences(firewall: Firewall, each: RegressionCase, at: number): readonly string[] {
  let matches: readonly Match[] = [];
  for (const request of each.requests) matches = judge(firewall, request, at);
  const logged = matches;
  const ids = new Set(logged.map((match) => match.ruleId));
  const log = logged.map(line).join('\n');
  return [
    ...each.expected.filter((id) => !ids.has(id)).map((id) => `misses ${id}`),
    ...each.unexpected.filter((id) => ids.has(id)).map((id) => `should not have ${id}`),
    ...(each.matches !== null && !each.matches.test(log) ? [`no line as ${each.matches.source}`] : []),
    ...(each.matchesNot?.test(log) === true ? [`a line as ${each.matchesNot.source}`] : []),
  ];
}
