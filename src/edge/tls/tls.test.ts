import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { connect as connectHttp2 } from 'node:http2';
import { Agent, request as httpsRequest } from 'node:https';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { connect as tlsConnect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestAuthority, testAuthority } from '../../../test/support/certificates.ts';
import { startTestEdge, type TestEdge, testListener, testRoute } from '../../../test/support/edge.ts';
import { eventually } from '../../../test/support/installation.ts';
import { httpServer, rawServer, type Running } from '../../../test/support/servers.ts';
import { openCertificates } from './certificates.ts';

let upstream: Running;
const hits: { method: string; body: string; headers: NodeJS.Dict<string | string[]> }[] = [];

beforeAll(async () => {
  upstream = await httpServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      hits.push({ method: request.method ?? '', body, headers: request.headers });
      response.end(`hello ${body}`);
    });
  });
});
afterAll(() => upstream.close());

describe('TLS', () => {
  let authority: TestAuthority;
  let clients: TestAuthority;
  let edge: TestEdge;
  let strangers: TestAuthority;

  beforeAll(async () => {
    authority = await testAuthority();
    clients = await testAuthority();
    strangers = await testAuthority();
    const shop = await authority.issue(['shop.test']);
    const other = await authority.issue(['other.test', '*.wild.test']);
    edge = await startTestEdge(
      {
        routes: [
          testRoute(upstream.port, { websocket: true }),
          testRoute(upstream.port, {
            id: 'rt_mtls',
            path: '/partner/',
            proofs: [{ kind: 'client-certificate', ca: clients.ca, names: ['erp.partner.test'] }],
          }),
        ],
      },
      {
        listeners: [testListener({ tls: true }), testListener({ tls: true, clientCertificates: true })],
        certificates: [
          { cert: shop.certPath, key: shop.keyPath },
          { cert: other.certPath, key: other.keyPath },
        ],
      },
    );
  });
  afterAll(() => edge.close());

  const certificateFor = async (servername: string): Promise<string> =>
    await new Promise((resolve, reject) => {
      const socket = tlsConnect(
        { host: '127.0.0.1', port: edge.port, servername, ca: authority.ca, rejectUnauthorized: false },
        () => {
          resolve(socket.getPeerCertificate().subjectaltname ?? '');
          socket.destroy();
        },
      );
      socket.on('error', reject);
    });

  test('the certificate fits the name that is asked for', async () => {
    expect(await certificateFor('shop.test')).toBe('DNS:shop.test');
    expect(await certificateFor('other.test')).toContain('DNS:other.test');
    expect(await certificateFor('a.wild.test')).toContain('DNS:other.test');
    expect(await certificateFor('unknown.test')).toBe('DNS:shop.test');
    expect(await certificateFor('')).toBe('DNS:shop.test');
  });

  test('TLS 1.1 is refused, 1.2 and 1.3 are spoken', async () => {
    const protocol = async (version: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3'): Promise<string | null> =>
      await new Promise((resolve) => {
        const socket = tlsConnect(
          {
            host: '127.0.0.1',
            port: edge.port,
            servername: 'shop.test',
            ca: authority.ca,
            minVersion: version,
            maxVersion: version,
            ciphers: 'DEFAULT:@SECLEVEL=0',
          },
          () => {
            resolve(socket.getProtocol());
            socket.destroy();
          },
        );
        socket.on('error', () => resolve(null));
      });
    expect(await protocol('TLSv1.1')).toBeNull();
    expect(await protocol('TLSv1.2')).toBe('TLSv1.2');
    expect(await protocol('TLSv1.3')).toBe('TLSv1.3');
  });

  const ask = async (
    port: number,
    path: string,
    options: object = {},
  ): Promise<{ status: number; hsts: string | undefined }> =>
    await new Promise((resolve, reject) => {
      const request = httpsRequest(
        {
          host: '127.0.0.1',
          port,
          path,
          servername: 'shop.test',
          headers: { host: 'shop.test' },
          ca: authority.ca,
          agent: new Agent({ keepAlive: false }),
          ...options,
        },
        (response) => {
          response.resume();
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              hsts: response.headers['strict-transport-security'],
            }),
          );
        },
      );
      request.on('error', reject);
      request.end();
    });

  test('HTTP/1.1 and HTTP/2 over one port, and browsers insist from then on', async () => {
    expect(await ask(edge.port, '/')).toEqual({ status: 200, hsts: 'max-age=31536000' });
    const session = connectHttp2(`https://127.0.0.1:${edge.port}`, {
      servername: 'shop.test',
      ca: authority.ca,
    });
    const call = (
      headers: Record<string, string>,
      body?: string,
    ): Promise<{ status: number; text: string }> =>
      new Promise((resolve, reject) => {
        const stream = session.request(
          { ':authority': 'shop.test', ...headers },
          { endStream: body === undefined },
        );
        let status = 0;
        let text = '';
        stream.on('response', (answer) => (status = Number(answer[':status'])));
        stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
        stream.on('end', () => resolve({ status, text }));
        stream.on('error', reject);
        if (body !== undefined) stream.end(body);
      });
    expect(await call({ ':path': '/a' })).toEqual({ status: 200, text: 'hello ' });
    // What the upstream makes links of has the port that was asked for.
    await call({ ':path': '/a', ':authority': 'shop.test:8443' });
    expect(hits.at(-1)?.headers).toMatchObject({
      host: 'shop.test:8443',
      'x-forwarded-host': 'shop.test:8443',
    });
    expect(await call({ ':path': '/a', ':method': 'POST' }, 'body')).toEqual({
      status: 200,
      text: 'hello body',
    });
    expect(hits.at(-1)).toMatchObject({ method: 'POST', body: 'body', headers: { host: 'shop.test' } });
    expect((await call({ ':path': '/a/../b' })).status).toBe(400);
    expect((await call({ ':path': '/', host: 'other.test' })).status).toBe(400);
    expect((await call({ ':path': '/', 'x-forwarded-for': '1.2.3.4' })).status).toBe(200);
    expect(hits.at(-1)?.headers['x-forwarded-for']).toBe('127.0.0.1');
    const many = await Promise.all(Array.from({ length: 50 }, () => call({ ':path': '/m' })));
    expect(many.every(({ status }) => status === 200)).toBe(true);
    session.close();
  });

  test('a client certificate opens its route; another’s, a foreign one and none do not', async () => {
    const [, port = 0] = edge.ports;
    const good = await clients.issue(['erp.partner.test']);
    const otherName = await clients.issue(['crm.partner.test']);
    const foreign = await strangers.issue(['erp.partner.test']);
    const ended = await clients.issue(['erp.partner.test'], { days: -1 });
    expect((await ask(port, '/partner/', good)).status).toBe(200);
    expect(hits.at(-1)?.headers['loupe-caller']).toBe('client-certificate erp.partner.test');
    for (const bad of [otherName, foreign, ended, {}])
      expect((await ask(port, '/partner/', bad)).status).toBe(401);
    // On the listener for browsers nobody is asked for one, and the route stays shut.
    expect((await ask(edge.port, '/partner/', good)).status).toBe(401);
  });

  test('a new certificate is taken without a restart, a broken one is not', async () => {
    const folder = join(edge.folder);
    const first = await authority.issue(['hot.test']);
    const files = { cert: join(folder, 'hot.pem'), key: join(folder, 'hot.key') };
    writeFileSync(files.cert, first.cert);
    writeFileSync(files.key, first.key);
    const errors: unknown[] = [];
    const certificates = openCertificates({ given: [files], found: () => [], ca: () => [] }, (error) =>
      errors.push(error),
    );
    const before = certificates.context('hot.test');
    writeFileSync(files.cert, 'not a certificate at all');
    certificates.refresh();
    expect(errors).toHaveLength(1);
    expect(certificates.context('hot.test')).toBe(before);
    const second = await authority.issue(['hot.test', 'new.test']);
    writeFileSync(files.cert, second.cert);
    writeFileSync(files.key, second.key);
    certificates.refresh();
    expect(certificates.context('new.test')).not.toBeNull();
    expect(certificates.context('hot.test')).not.toBe(before);
  });
});

describe('WebSockets', () => {
  test('bytes go both ways; a foreign page and a route without them are refused', async () => {
    const server = await rawServer((socket) => {
      socket.once('data', (data) => {
        const key = /sec-websocket-key: (\S+)/iu.exec(data.toString())?.[1] ?? '';
        const accept = createHash('sha1')
          .update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
          .digest('base64');
        socket.write(
          `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
        );
        socket.on('data', (chunk) => socket.write(`echo ${chunk.toString()}`));
      });
    });
    const edge = await startTestEdge({
      routes: [
        testRoute(server.port, { websocket: true }),
        testRoute(server.port, { id: 'rt_no', path: '/no/' }),
        testRoute(server.port, {
          id: 'rt_listed',
          path: '/listed/',
          websocket: true,
          allow: { mode: 'enforce', document: { openapi: '3.1.0', paths: { '/listed/chat': { get: {} } } } },
        }),
      ],
    });
    const open = async (path: string, more = ''): Promise<{ socket: Socket; answer: string }> =>
      await new Promise((resolve) => {
        const socket = connect(edge.port, '127.0.0.1');
        socket.write(
          `GET ${path} HTTP/1.1\r\nHost: shop.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n${more}\r\n`,
        );
        socket.once('data', (data) => resolve({ socket, answer: data.toString() }));
      });
    const joined = await open('/chat', 'Origin: https://shop.test\r\n');
    expect(joined.answer).toContain('101');
    expect(joined.answer).toContain('sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
    const echoed = new Promise<string>((resolve) =>
      joined.socket.once('data', (data) => resolve(data.toString())),
    );
    joined.socket.write('frame');
    expect(await echoed).toBe('echo frame');
    joined.socket.destroy();
    expect((await open('/chat', 'Origin: https://evil.test\r\n')).answer).toContain('403');
    expect((await open('/no/')).answer).toContain('403');
    expect((await open('/listed/other')).answer).toContain('403');
    expect((await open('/listed/chat')).answer).toContain('101');
    await eventually(async () => edge.events().some((event) => event.body['status'] === 101));
    await edge.close();
    await server.close();
  });
});
