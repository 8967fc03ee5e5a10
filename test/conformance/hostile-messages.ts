// One table of messages that have led proxies and servers to read different things. Each is refused, or goes on in one way only.

export interface HostileMessage {
  readonly name: string;
  /** The bytes, as latin1. `HOST` stands for a host that has a route. */
  readonly bytes: string;
  /**
   * `refused`: no upstream sees anything. `cut`: what is wrong shows only after the body began; the upstream sees a request that breaks off. Else what the
   * upstream is asked, method and target, and no more.
   */
  readonly becomes: 'refused' | 'cut' | (string & {});
  /** Headers that the upstream must not see, by name. */
  readonly without?: readonly string[];
}

const get = (target: string, more = ''): string => `GET ${target} HTTP/1.1\r\nHost: HOST\r\n${more}\r\n`;
const post = (headers: string, body: string, version = '1.1'): string =>
  `POST /p HTTP/${version}\r\nHost: HOST\r\n${headers}\r\n${body}`;
const inner = 'GET /smuggled HTTP/1.1\r\nHost: HOST\r\n\r\n';

export const HOSTILE_MESSAGES: readonly HostileMessage[] = [
  // Framing (RFC 9112, sections 6 and 7)
  {
    name: 'both lengths',
    bytes: post('Content-Length: 6\r\nTransfer-Encoding: chunked\r\n', `0\r\n\r\n${inner}`),
    becomes: 'refused',
  },
  {
    name: 'two lengths that differ',
    bytes: post('Content-Length: 0\r\nContent-Length: 44\r\n', inner),
    becomes: 'refused',
  },
  {
    name: 'two lengths that agree',
    bytes: post('Content-Length: 1\r\nContent-Length: 1\r\n', 'x'),
    becomes: 'refused',
  },
  { name: 'a list of lengths', bytes: post('Content-Length: 1, 1\r\n', 'x'), becomes: 'refused' },
  { name: 'a length with a sign', bytes: post('Content-Length: +1\r\n', 'x'), becomes: 'refused' },
  { name: 'a length below nothing', bytes: post('Content-Length: -1\r\n', 'x'), becomes: 'refused' },
  { name: 'a length in hexadecimal', bytes: post('Content-Length: 0x1\r\n', 'x'), becomes: 'refused' },
  {
    name: 'a length beyond numbers',
    bytes: post('Content-Length: 99999999999999999999\r\n', 'x'),
    becomes: 'refused',
  },
  { name: 'a length with a space inside', bytes: post('Content-Length: 1 1\r\n', 'x'), becomes: 'refused' },
  {
    name: 'an underscore length beside a true one',
    bytes: post('Content_Length: 50\r\nContent-Length: 1\r\n', 'x'),
    becomes: 'POST /p',
    without: ['content_length'],
  },
  {
    name: 'coding with a space before the colon',
    bytes: post('Transfer-Encoding : chunked\r\n', '0\r\n\r\n'),
    becomes: 'refused',
  },
  {
    name: 'coding after a vertical tab',
    bytes: post('Transfer-Encoding:\x0bchunked\r\n', '0\r\n\r\n'),
    becomes: 'refused',
  },
  {
    name: 'an unknown coding',
    bytes: post('Transfer-Encoding: xchunked\r\n', '0\r\n\r\n'),
    becomes: 'refused',
  },
  {
    name: 'two codings',
    bytes: post('Transfer-Encoding: gzip, chunked\r\n', '0\r\n\r\n'),
    becomes: 'refused',
  },
  {
    name: 'chunked twice',
    bytes: post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
    becomes: 'refused',
  },
  {
    name: 'chunked and identity',
    bytes: post('Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n', '0\r\n\r\n'),
    becomes: 'refused',
  },
  {
    name: 'chunked and an empty one',
    bytes: post('Transfer-Encoding: chunked, \r\n', '0\r\n\r\n'),
    becomes: 'refused',
  },
  {
    name: 'coding on a folded line',
    bytes: post('Transfer-Encoding:\r\n chunked\r\n', '0\r\n\r\n'),
    becomes: 'refused',
  },
  {
    name: 'coding in HTTP/1.0',
    bytes: post('Transfer-Encoding: chunked\r\n', '0\r\n\r\n', '1.0'),
    becomes: 'refused',
  },
  {
    name: 'a chunk size with 0x',
    bytes: post('Transfer-Encoding: chunked\r\n', '0x1\r\nx\r\n0\r\n\r\n'),
    becomes: 'refused',
  },
  {
    name: 'a chunk size beyond numbers',
    bytes: post('Transfer-Encoding: chunked\r\n', 'FFFFFFFFFFFFFFFFF\r\nx\r\n0\r\n\r\n'),
    becomes: 'refused',
  },
  {
    name: 'a chunk longer than said',
    bytes: post('Transfer-Encoding: chunked\r\n', '1\r\nxyz\r\n0\r\n\r\n'),
    becomes: 'cut',
  },
  {
    name: 'a chunk ended by a bare line feed',
    bytes: post('Transfer-Encoding: chunked\r\n', '1\nx\r\n0\r\n\r\n'),
    becomes: 'refused',
  },
  {
    name: 'a chunk size with a leading space',
    bytes: post('Transfer-Encoding: chunked\r\n', ' 1\r\nx\r\n0\r\n\r\n'),
    becomes: 'refused',
  },
  {
    name: 'a chunk extension',
    bytes: post('Transfer-Encoding: chunked\r\n', '1;a="b"\r\nx\r\n0\r\n\r\n'),
    becomes: 'POST /p',
  },
  {
    name: 'a trailer that claims to be somebody',
    bytes: post(
      'Transfer-Encoding: chunked\r\nTrailer: Loupe-Caller\r\n',
      '1\r\nx\r\n0\r\nLoupe-Caller: api-key admin\r\n\r\n',
    ),
    becomes: 'POST /p',
    without: ['trailer'],
  },
  { name: 'a body on GET', bytes: get('/g', 'Content-Length: 44\r\n') + inner, becomes: 'refused' },
  {
    name: 'a chunked body on HEAD',
    bytes: 'HEAD /g HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    becomes: 'refused',
  },
  {
    name: 'an expectation that nobody knows',
    bytes: post('Expect: 200-ok\r\nContent-Length: 1\r\n', 'x'),
    becomes: 'refused',
  },
  // Lines and names
  { name: 'bare line feeds', bytes: 'GET /g HTTP/1.1\nHost: HOST\n\n', becomes: 'refused' },
  { name: 'one bare line feed', bytes: 'GET /g HTTP/1.1\r\nHost: HOST\nX: b\r\n\r\n', becomes: 'refused' },
  {
    name: 'a bare carriage return in a value',
    bytes: get('/g', 'X: a\rLoupe-Caller: admin\r\n'),
    becomes: 'refused',
  },
  { name: 'a zero byte in a value', bytes: get('/g', 'X: a\0b\r\n'), becomes: 'refused' },
  { name: 'a folded header', bytes: get('/g', 'X: a\r\n b\r\n'), becomes: 'refused' },
  { name: 'a space in a name', bytes: get('/g', 'X Y: b\r\n'), becomes: 'refused' },
  { name: 'an empty name', bytes: get('/g', ': b\r\n'), becomes: 'refused' },
  { name: 'a line without a colon', bytes: get('/g', 'X\r\n'), becomes: 'refused' },
  {
    name: 'a first header that begins with a space',
    bytes: 'GET /g HTTP/1.1\r\n Host: HOST\r\nHost: HOST\r\n\r\n',
    becomes: 'refused',
  },
  { name: 'a space before the method', bytes: ` ${get('/g')}`, becomes: 'refused' },
  { name: 'a tab in the request line', bytes: 'GET\t/g HTTP/1.1\r\nHost: HOST\r\n\r\n', becomes: 'refused' },
  { name: 'HTTP/0.9', bytes: 'GET /g\r\n\r\n', becomes: 'refused' },
  { name: 'HTTP/1.2', bytes: 'GET /g HTTP/1.2\r\nHost: HOST\r\n\r\n', becomes: 'refused' },
  { name: 'HTTP/2 without TLS', bytes: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', becomes: 'refused' },
  { name: 'a method in small letters', bytes: 'get /g HTTP/1.1\r\nHost: HOST\r\n\r\n', becomes: 'refused' },
  { name: 'TRACE', bytes: 'TRACE /g HTTP/1.1\r\nHost: HOST\r\n\r\n', becomes: 'refused' },
  { name: 'CONNECT', bytes: 'CONNECT HOST:443 HTTP/1.1\r\nHost: HOST\r\n\r\n', becomes: 'refused' },
  { name: 'PURGE', bytes: 'PURGE /g HTTP/1.1\r\nHost: HOST\r\n\r\n', becomes: 'refused' },
  // Host
  { name: 'no host', bytes: 'GET /g HTTP/1.1\r\n\r\n', becomes: 'refused' },
  {
    name: 'two hosts',
    bytes: 'GET /g HTTP/1.1\r\nHost: HOST\r\nHost: other.test\r\n\r\n',
    becomes: 'refused',
  },
  {
    name: 'a host with a user',
    bytes: 'GET /g HTTP/1.1\r\nHost: HOST@other.test\r\n\r\n',
    becomes: 'refused',
  },
  { name: 'a host with a path', bytes: 'GET /g HTTP/1.1\r\nHost: HOST/admin\r\n\r\n', becomes: 'refused' },
  {
    name: 'a host that is not ours',
    bytes: 'GET /g HTTP/1.1\r\nHost: other.test\r\n\r\n',
    becomes: 'refused',
  },
  {
    name: 'an absolute target with another host',
    bytes: 'GET http://other.test/g HTTP/1.1\r\nHost: HOST\r\n\r\n',
    becomes: 'refused',
  },
  {
    name: 'an absolute target',
    bytes: 'GET http://HOST/g HTTP/1.1\r\nHost: HOST\r\n\r\n',
    becomes: 'refused',
  },
  // Paths
  { name: 'dots', bytes: get('/a/../admin'), becomes: 'refused' },
  { name: 'encoded dots', bytes: get('/a/%2e%2e/admin'), becomes: 'refused' },
  { name: 'half encoded dots', bytes: get('/a/.%2E/admin'), becomes: 'refused' },
  { name: 'dots at the end', bytes: get('/a/..'), becomes: 'refused' },
  { name: 'a single dot', bytes: get('/./admin'), becomes: 'refused' },
  { name: 'dots with a path parameter', bytes: get('/a/..;x=1/admin'), becomes: 'refused' },
  { name: 'a path parameter', bytes: get('/admin;x=1/users'), becomes: 'refused' },
  { name: 'an encoded path parameter', bytes: get('/admin%3bx/users'), becomes: 'refused' },
  { name: 'an encoded slash', bytes: get('/a%2f..%2fadmin'), becomes: 'refused' },
  { name: 'an encoded backslash', bytes: get('/a%5c..%5cadmin'), becomes: 'refused' },
  { name: 'a backslash', bytes: get('/a\\..\\admin'), becomes: 'refused' },
  { name: 'twice encoded dots', bytes: get('/a/%252e%252e/admin'), becomes: 'refused' },
  { name: 'a zero byte', bytes: get('/a%00.jpg'), becomes: 'refused' },
  { name: 'an encoded line feed', bytes: get('/a%0d%0aLoupe-Caller:%20x'), becomes: 'refused' },
  { name: 'half an escape', bytes: get('/a%2'), becomes: 'refused' },
  { name: 'no escape', bytes: get('/a%zz'), becomes: 'refused' },
  { name: 'raw bytes', bytes: get('/a\xe9'), becomes: 'refused' },
  { name: 'a fragment', bytes: get('/a#b'), becomes: 'refused' },
  { name: 'a raw bracket', bytes: get('/a<b>'), becomes: 'refused' },
  { name: 'an asterisk', bytes: 'OPTIONS * HTTP/1.1\r\nHost: HOST\r\n\r\n', becomes: 'refused' },
  { name: 'encoded letters', bytes: get('/%61dmin'), becomes: 'GET /admin' },
  { name: 'doubled slashes', bytes: get('//admin///x'), becomes: 'GET /admin/x' },
  { name: 'small hexadecimal', bytes: get('/caf%c3%a9'), becomes: 'GET /caf%C3%A9' },
  { name: 'a target longer than any', bytes: get(`/${'a'.repeat(9_000)}`), becomes: 'refused' },
  { name: 'headers longer than any', bytes: get('/g', `X: ${'a'.repeat(20_000)}\r\n`), becomes: 'refused' },
  // Headers that steer
  {
    name: 'Connection that names a credential',
    bytes: get('/g', 'Connection: close, Authorization\r\nAuthorization: Bearer x\r\n'),
    becomes: 'refused',
  },
  {
    name: 'Connection that names a forwarding header',
    bytes: get('/g', 'Connection: X-Forwarded-For\r\n'),
    becomes: 'refused',
  },
  {
    name: 'forwarding headers of a stranger',
    bytes: get(
      '/g',
      'X-Forwarded-For: 10.0.0.1\r\nForwarded: for=10.0.0.1\r\nX-Real-IP: 10.0.0.1\r\nTrue-Client-IP: 10.0.0.1\r\n',
    ),
    becomes: 'GET /g',
    without: ['forwarded', 'true-client-ip'],
  },
  {
    name: 'headers in the edge’s own name',
    bytes: get('/g', 'Loupe-Caller: api-key admin\r\nLoupe_Caller: admin\r\nLoupe-Account: 1\r\n'),
    becomes: 'GET /g',
    without: ['loupe-caller', 'loupe_caller', 'loupe-account'],
  },
  {
    name: 'headers that rewrite',
    bytes: get('/g', 'X-Original-URL: /admin\r\nX-Rewrite-URL: /admin\r\nProxy: http://evil.test\r\n'),
    becomes: 'GET /g',
    without: ['x-original-url', 'x-rewrite-url', 'proxy'],
  },
  {
    name: 'a method that overrides GET',
    bytes: get('/g', 'X-HTTP-Method-Override: DELETE\r\n'),
    becomes: 'refused',
  },
  {
    name: 'an upgrade to HTTP/2',
    bytes: get(
      '/g',
      'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n',
    ),
    becomes: 'GET /g',
    without: ['upgrade', 'http2-settings'],
  },
  {
    name: 'an upgrade to a WebSocket where none is allowed',
    bytes: get(
      '/g',
      'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n',
    ),
    becomes: 'refused',
  },
  {
    name: 'two content types',
    bytes: post('Content-Type: text/plain\r\nContent-Type: application/json\r\nContent-Length: 1\r\n', 'x'),
    becomes: 'refused',
  },
  {
    name: 'two authorizations',
    bytes: get('/g', 'Authorization: Bearer a\r\nAuthorization: Bearer b\r\n'),
    becomes: 'refused',
  },
  { name: 'te', bytes: get('/g', 'TE: trailers\r\nConnection: TE\r\n'), becomes: 'GET /g', without: ['te'] },
];
