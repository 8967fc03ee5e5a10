import type {
  Action,
  Answers,
  AskLink,
  Change,
  ChangeItem,
  AskSummary,
  AskView,
  Connection,
  DirectoryEntry,
  Duty,
  EdgeCredentials,
  EdgeIntegration,
  CspReports,
  EdgeRoute,
  EndedRoute,
  Edges,
  EdgeSecret,
  ExplainedRequest,
  FirewallPacksView,
  FeedGiven,
  FirstRowsAsked,
  FirstRowsTold,
  Inspected,
  InspectionGiven,
  PlainGiven,
  FeedsView,
  LoadReport,
  LoadVerdict,
  SelfTestResult,
  Showing,
  ShowingPreview,
  Traffic,
  Ending,
  Exception,
  Look,
  Me,
  ObservationProof,
  Problem,
  SampleOffer,
  Shop,
  GrantView,
  HunkView,
  Inventory,
  NewsItem,
  NewsSource,
  PlatformView,
  PrivacyRequest,
  Questionnaire,
  QuestionnaireOffer,
  Responsibility,
  Vendor,
  VendorGiven,
  VendorView,
  WindowHook,
} from '@loupe/contract';

/** What the API refused, in words that can be shown. */
export class ApiError extends Error {
  readonly code: string;
  readonly hint: string;

  constructor(problem: Pick<Problem, 'title' | 'code' | 'hint'>) {
    super(problem.title);
    this.code = problem.code;
    this.hint = problem.hint;
  }
}

const UNREACHABLE = {
  title: 'Loupe does not answer.',
  code: 'console/unreachable',
  hint: 'Is it still running in the terminal?',
};

/** What is sent: JSON, a form with files, or a text or file as it is. */
type Body =
  | { readonly json: unknown }
  | { readonly form: FormData }
  | { readonly text: string }
  | { readonly bytes: Blob };

function contentOf(body: Body): { readonly type: string | null; readonly content: BodyInit } {
  if ('form' in body) return { type: null, content: body.form };
  if ('bytes' in body) return { type: 'application/octet-stream', content: body.bytes };
  if ('text' in body) return { type: 'application/octet-stream', content: body.text };
  return { type: 'application/json', content: JSON.stringify(body.json) };
}

async function send(method: string, path: string, body?: Body): Promise<string> {
  const sent = body === undefined ? null : contentOf(body);
  const headers: Record<string, string> =
    sent === null || sent.type === null ? {} : { 'content-type': sent.type };
  // A click that is repeated because the answer was lost must not act twice.
  if (method === 'POST') headers['idempotency-key'] = crypto.randomUUID();
  const answer = await fetch(`/api/v1${path}`, {
    method,
    headers,
    ...(sent === null ? {} : { body: sent.content }),
  }).catch(() => {
    throw new ApiError(UNREACHABLE);
  });
  const text = await answer.text();
  if (!answer.ok) throw new ApiError(text === '' ? UNREACHABLE : JSON.parse(text));
  return text;
}

async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  return JSON.parse(await send(method, path, body === undefined ? undefined : { json: body }));
}

async function act(method: string, path: string, body?: unknown): Promise<void> {
  await send(method, path, body === undefined ? undefined : { json: body });
}

export const api = {
  claim: (token: string) => act('POST', '/claim', { token }),
  me: () => call<Me>('GET', '/me'),
  signIn: (email: string, password: string) => act('POST', '/session', { email, password }),
  signOut: () => act('DELETE', '/session'),
  setCredentials: (given: { name: string; email: string; password: string }) =>
    act('PUT', '/me/credentials', given),
  beginSecondFactor: () => call<{ secret: string; uri: string; svg: string }>('POST', '/me/second-factor'),
  giveSecondFactor: (code: string) => call<{ recoveryCodes: string[] }>('PUT', '/me/second-factor', { code }),
  shops: () => call<{ shops: Shop[]; next: string | null }>('GET', '/shops?limit=200'),
  shop: (id: string) => call<Shop>('GET', `/shops/${id}`),
  samples: () => call<{ samples: SampleOffer[] }>('GET', '/samples'),
  addShop: (address: string) => call<{ shop: Shop; look: string }>('POST', '/shops', { address }),
  lookNow: (shop: string) => call<{ look: string }>('POST', `/shops/${shop}/looks`),
  look: (shop: string, id: string) => call<Look>('GET', `/shops/${shop}/looks/${id}`),
  answers: (shop: string) => call<Answers>('GET', `/shops/${shop}/answers`),
  observation: (shop: string, id: string) =>
    call<ObservationProof>('GET', `/shops/${shop}/observations/${id}`),
  evidence: (shop: string, hash: string) => call<unknown>('GET', `/shops/${shop}/evidence/${hash}`),
  grants: (shop: string) => call<{ grants: GrantView[] }>('GET', `/shops/${shop}/grants`),
  addGrant: (shop: string, given: { email: string; name: string; role: string; until: number | null }) =>
    call<{ grant: string; invite: string | null }>('POST', `/shops/${shop}/grants`, given),
  endGrant: (shop: string, grant: string) => act('DELETE', `/shops/${shop}/grants/${grant}`),

  questionnaires: (shop: string) =>
    call<{ questionnaires: QuestionnaireOffer[] }>('GET', `/shops/${shop}/questionnaires`),
  questionnaire: (shop: string, id: string) =>
    call<Questionnaire>('GET', `/shops/${shop}/questionnaires/${id}`),
  importSheet: async (shop: string, form: FormData): Promise<QuestionnaireOffer> =>
    JSON.parse(await send('POST', `/shops/${shop}/questionnaires`, { form })),
  asks: (shop: string) => call<{ asks: AskSummary[] }>('GET', `/shops/${shop}/asks`),
  ask: (shop: string, id: string) => call<AskView>('GET', `/shops/${shop}/asks/${id}`),
  newAsk: (
    shop: string,
    given: { questionnaire: string; to: string; email: string | null; vendor: string | null; days: number },
  ) => call<AskLink>('POST', `/shops/${shop}/asks`, given),
  newLink: (shop: string, ask: string, days: number) =>
    call<AskLink>('POST', `/shops/${shop}/asks/${ask}/link`, { days }),
  remind: (shop: string, ask: string) => call<AskLink>('POST', `/shops/${shop}/asks/${ask}/reminder`),
  askFile: (shop: string, ask: string) => send('POST', `/shops/${shop}/asks/${ask}/file`),
  takeReply: async (shop: string, text: string): Promise<{ ask: string }> =>
    JSON.parse(await send('POST', `/shops/${shop}/replies`, { text })),
  askBack: (shop: string, ask: string, given: { item: string; text: string }) =>
    act('POST', `/shops/${shop}/asks/${ask}/messages`, given),
  withdraw: (shop: string, ask: string) => act('DELETE', `/shops/${shop}/asks/${ask}`),
  actions: (shop: string) => call<{ actions: Action[] }>('GET', `/shops/${shop}/actions`),
  agree: (
    shop: string,
    given: {
      text: string;
      person: string;
      dueAt: number;
      ask?: string;
      item?: string;
      vendor?: string;
      check?: string | null;
      subject?: string | null;
    },
  ) => act('POST', `/shops/${shop}/actions`, given),
  endAction: (shop: string, action: string, given: { outcome: 'said-done' | 'dropped'; why: string }) =>
    act('POST', `/shops/${shop}/actions/${action}/end`, given),

  criteria: () =>
    call<{ version: number; criteria: { id: string; text: string; weight: number }[] }>('GET', '/criteria'),
  directory: () => call<{ entries: DirectoryEntry[] }>('GET', '/directory'),
  vendors: (shop: string) =>
    call<{ vendors: ListedVendor[]; endings: Ending[] }>('GET', `/shops/${shop}/vendors`),
  vendor: (shop: string, id: string) => call<VendorView>('GET', `/shops/${shop}/vendors/${id}`),
  addVendor: (shop: string, given: Partial<VendorGiven> & { name: string; kind: string }) =>
    call<{ vendor: string }>('POST', `/shops/${shop}/vendors`, given),
  changeVendor: (shop: string, id: string, given: VendorGiven) =>
    act('PUT', `/shops/${shop}/vendors/${id}`, given),
  retireVendor: (shop: string, id: string) => act('DELETE', `/shops/${shop}/vendors/${id}`),
  lookAtVendor: (shop: string, id: string) =>
    call<{ look: string | null }>('POST', `/shops/${shop}/vendors/${id}/looks`),
  decide: (shop: string, id: string, given: { verdict: string; conditions: string; until: number | null }) =>
    act('POST', `/shops/${shop}/vendors/${id}/decisions`, given),
  filePaper: (shop: string, vendor: string, form: FormData) =>
    send('POST', `/shops/${shop}/vendors/${vendor}/papers`, { form }),
  paperDates: (shop: string, paper: string, given: { issuedAt: number | null; validUntil: number }) =>
    act('PUT', `/shops/${shop}/papers/${paper}/dates`, given),
  removePaper: (shop: string, paper: string) => act('DELETE', `/shops/${shop}/papers/${paper}`),
  connections: (shop: string) =>
    call<{ connections: Connection[]; exceptions: Exception[] }>('GET', `/shops/${shop}/connections`),
  declare: (shop: string, given: { kind: string; name: string; vendor: string | null }) =>
    act('POST', `/shops/${shop}/connections`, given),
  assign: (shop: string, connection: string, vendor: string | null) =>
    act('PUT', `/shops/${shop}/connections/${connection}/vendor`, { vendor }),
  setConnection: (shop: string, connection: string, state: 'enabled' | 'off') =>
    act('PUT', `/shops/${shop}/connections/${connection}/state`, { state }),
  except: (
    shop: string,
    given: { about: string; id: string; reason: string; owner: string; until: number },
  ) => act('POST', `/shops/${shop}/exceptions`, given),
  endException: (shop: string, exception: string) => act('DELETE', `/shops/${shop}/exceptions/${exception}`),
  responsibilities: (shop: string) =>
    call<{ responsibilities: Responsibility[] }>('GET', `/shops/${shop}/responsibilities`),
  setResponsibility: (shop: string, requirement: string, who: string) =>
    act('PUT', `/shops/${shop}/responsibilities/${requirement}`, { who }),
  news: (shop: string) => call<{ items: NewsItem[]; sources: NewsSource[] }>('GET', `/shops/${shop}/news`),
  addNewsSource: (shop: string, given: { name: string; url: string }) =>
    act('POST', `/shops/${shop}/news-sources`, given),
  addNewsFile: (shop: string, form: FormData) => send('POST', `/shops/${shop}/news-files`, { form }),
  removeNewsSource: (shop: string, source: string) => act('DELETE', `/shops/${shop}/news-sources/${source}`),
  platform: (shop: string) => call<PlatformView>('GET', `/shops/${shop}/platform`),
  connectPlatform: (
    shop: string,
    given: { platform: string; domain?: string; clientId: string; clientSecret: string },
  ) => act('POST', `/shops/${shop}/platform`, given),
  rotateSecret: (shop: string, clientSecret: string) =>
    act('PUT', `/shops/${shop}/platform/secret`, { clientSecret }),
  readPlatform: (shop: string) => act('POST', `/shops/${shop}/platform/readings`),
  leavePlatform: (shop: string) => act('DELETE', `/shops/${shop}/platform`),
  feeds: (shop: string) => call<FeedsView>('GET', `/shops/${shop}/feeds`),
  addFeed: (shop: string, given: FeedGiven) => call<{ feed: string }>('POST', `/shops/${shop}/feeds`, given),
  handIn: async (shop: string, file: File): Promise<{ drop: string }> =>
    JSON.parse(await send('POST', `/shops/${shop}/drops`, { bytes: file })),
  askFirstRows: (shop: string, asked: FirstRowsAsked) =>
    call<{ sample: string }>('POST', `/shops/${shop}/list-samples`, asked),
  firstRows: (shop: string, sample: string) =>
    call<{ first: FirstRowsTold | null; failure: string | null }>(
      'GET',
      `/shops/${shop}/list-samples/${sample}`,
    ),
  setFeedCredentials: (shop: string, feed: string, credentials: Readonly<Record<string, string>>) =>
    act('PUT', `/shops/${shop}/feeds/${feed}/credentials`, { credentials }),
  setReportKey: (shop: string, feed: string, key: string | null) =>
    act('PUT', `/shops/${shop}/feeds/${feed}/report-key`, { key }),
  setPlainFeed: (shop: string, feed: string, exception: PlainGiven['exception']) =>
    act('PUT', `/shops/${shop}/feeds/${feed}/plain`, { exception }),
  switchFeed: (shop: string, feed: string, on: boolean) =>
    act('PUT', `/shops/${shop}/feeds/${feed}/state`, { on }),
  endFeed: (shop: string, feed: string) => act('DELETE', `/shops/${shop}/feeds/${feed}`),
  loadFeed: (shop: string, feed: string, drop?: string) =>
    act('POST', `/shops/${shop}/feeds/${feed}/loads`, drop === undefined ? {} : { drop }),
  showFeed: (shop: string, feed: string, showing: Showing) =>
    act('PUT', `/shops/${shop}/feeds/${feed}/showing`, showing),
  previewFeed: (shop: string, feed: string, showing: Showing) =>
    call<{ preview: string }>('POST', `/shops/${shop}/feeds/${feed}/previews`, showing),
  feedPreview: (shop: string, preview: string) =>
    call<{ preview: ShowingPreview | null }>('GET', `/shops/${shop}/previews/${preview}`),
  load: (shop: string, load: string) => call<LoadReport>('GET', `/shops/${shop}/loads/${load}`),
  judgeLoad: (shop: string, load: string, verdict: LoadVerdict) =>
    act('POST', `/shops/${shop}/loads/${load}/verdict`, verdict),
  windowHooks: (shop: string) => call<{ hooks: WindowHook[] }>('GET', `/shops/${shop}/window-hooks`),
  addWindowHook: (shop: string, url: string) =>
    call<{ hook: string; secret: string }>('POST', `/shops/${shop}/window-hooks`, { url }),
  removeWindowHook: (shop: string, hook: string) => act('DELETE', `/shops/${shop}/window-hooks/${hook}`),
  inspectLoad: (shop: string, load: string, what: InspectionGiven['what']) =>
    call<{ inspection: string }>('POST', `/shops/${shop}/loads/${load}/inspections`, { what }),
  inspection: (shop: string, inspection: string) =>
    call<Inspected>('GET', `/shops/${shop}/inspections/${inspection}`),
  releaseStone: (shop: string, load: string, place: number, reason: string) =>
    act('POST', `/shops/${shop}/loads/${load}/releases`, { place, reason }),
  privacyRequests: (shop: string) =>
    call<{ requests: PrivacyRequest[] }>('GET', `/shops/${shop}/privacy-requests`),
  privacyAbout: (shop: string, request: string) =>
    call<{ about: string }>('POST', `/shops/${shop}/privacy-requests/${request}/about`),
  privacyDone: (shop: string, request: string, note: string) =>
    act('PUT', `/shops/${shop}/privacy-requests/${request}/done`, { note }),
  inventories: (shop: string) => call<{ inventories: Inventory[] }>('GET', `/shops/${shop}/inventories`),
  takeStock: (shop: string, form: FormData) => send('POST', `/shops/${shop}/inventories`, { form }),
  changes: (shop: string, cursor: string | null) =>
    call<{ changes: Change[]; next: string | null }>(
      'GET',
      `/shops/${shop}/changes${cursor === null ? '' : `?cursor=${cursor}`}`,
    ),
  change: (shop: string, id: string) =>
    call<{ change: Change; items: ChangeItem[]; more: number }>('GET', `/shops/${shop}/changes/${id}`),
  changeLines: (shop: string, id: string, item: number) =>
    call<{ hunks: HunkView[] | null }>('GET', `/shops/${shop}/changes/${id}/items/${item}/lines`),
  judgeChange: (shop: string, id: string, given: { verdict: string; note: string }) =>
    act('PUT', `/shops/${shop}/changes/${id}/verdict`, given),
  edges: (shop: string) => call<Edges>('GET', `/shops/${shop}/edges`),
  selfTest: (shop: string) => call<{ tests: SelfTestResult[] }>('POST', `/shops/${shop}/self-test`),
  edgeRoutes: (shop: string) =>
    call<{ routes: EdgeRoute[]; ended: EndedRoute[] }>('GET', `/shops/${shop}/routes`),
  undoRoute: (shop: string, id: string) => act('POST', `/shops/${shop}/routes/${id}/undo`),
  cspReports: (shop: string) => call<CspReports>('GET', `/shops/${shop}/csp-reports`),
  revokeToken: (shop: string, given: { kind: 'jti' | 'subject'; value: string }) =>
    act('POST', `/shops/${shop}/tokens/revoked`, given),
  addRoute: (shop: string, rule: unknown) => act('POST', `/shops/${shop}/routes`, rule),
  changeRoute: (shop: string, id: string, rule: unknown) => act('PUT', `/shops/${shop}/routes/${id}`, rule),
  endRoute: (shop: string, id: string) => act('DELETE', `/shops/${shop}/routes/${id}`),
  routeDraft: (shop: string, id: string) =>
    call<{ document: unknown; operations: number; requests: number }>(
      'GET',
      `/shops/${shop}/routes/${id}/draft`,
    ),
  traffic: (shop: string, refused: boolean) =>
    call<Traffic>('GET', `/shops/${shop}/traffic?refused=${refused}`),
  firewallRules: (shop: string) => call<FirewallPacksView>('GET', `/shops/${shop}/firewall-rules`),
  tryRules: (shop: string, pack: string | null) =>
    act('PUT', `/shops/${shop}/firewall-rules/candidate`, { pack }),
  stepRules: (shop: string, step: 'enforce' | 'back') => act('POST', `/shops/${shop}/firewall-rules/${step}`),
  explanation: (shop: string, reference: string) =>
    call<ExplainedRequest>('GET', `/shops/${shop}/firewall/${reference}`),
  exclude: (shop: string, reference: string, excluded: boolean) =>
    act('PUT', `/shops/${shop}/firewall/${reference}/excluded`, { excluded }),
  liftLock: (shop: string, lock: string) => act('POST', `/shops/${shop}/locks/${lock}/lift`),
  credentials: (shop: string) => call<EdgeCredentials>('GET', `/shops/${shop}/credentials`),
  makeCredential: (
    shop: string,
    kind: 'key' | 'client',
    given: { name: string; scopes: readonly string[]; until: number },
  ) => call<{ id: string; secret: string | null }>('POST', `/shops/${shop}/${kind}s`, given),
  renewClient: (shop: string, id: string) =>
    call<{ id: string; secret: string | null }>('POST', `/shops/${shop}/clients/${id}/renew`),
  endCredential: (shop: string, id: string) => act('DELETE', `/shops/${shop}/credentials/${id}`),
  setTokens: (shop: string, given: { hosts: readonly string[]; path: string }) =>
    act('PUT', `/shops/${shop}/tokens`, given),
  edgeSecrets: (shop: string) => call<{ secrets: EdgeSecret[] }>('GET', `/shops/${shop}/secrets`),
  addSecret: (shop: string, given: { name: string; secret?: string }) =>
    call<{ id: string; secret: string | null }>('POST', `/shops/${shop}/secrets`, given),
  endSecret: (shop: string, id: string) => act('DELETE', `/shops/${shop}/secrets/${id}`),
  integrations: (shop: string) =>
    call<{ integrations: EdgeIntegration[]; tokenMadeAt: number | null }>(
      'GET',
      `/shops/${shop}/integrations`,
    ),
  addIntegration: (shop: string, given: unknown) => act('POST', `/shops/${shop}/integrations`, given),
  turnIntegration: (shop: string, id: string, on: boolean) =>
    act('POST', `/shops/${shop}/integrations/${id}/${on ? 'on' : 'off'}`),
  endIntegration: (shop: string, id: string) => act('DELETE', `/shops/${shop}/integrations/${id}`),
  brokerToken: (shop: string) => call<{ token: string | null }>('POST', `/shops/${shop}/broker-token`),
  duties: (shop: string) => call<{ reviewed: string; duties: Duty[] }>('GET', `/shops/${shop}/duties`),
  triage: (shop: string, item: string, given: { state: string; note: string | null }) =>
    act('PUT', `/shops/${shop}/news/${item}`, given),
};

/** A third party as the register lists it: its points without their reasons. */
export type ListedVendor = Vendor & {
  readonly score: { readonly earned: number; readonly lost: number; readonly unknown: number };
};
