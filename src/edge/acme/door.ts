// The door for those who come without TLS: an authority's challenge is answered, everybody else is shown to https. Nothing reaches an upstream from here.
import { readHead } from '../message/head.ts';
import { rawHead } from '../message/raw-head.ts';
import { type Answering, sendHead } from '../proxy/exchange.ts';
import { isRefusal, REFUSALS } from '../refusal.ts';
import { CHALLENGE_PATH, type Challenges } from './challenges.ts';

export interface DoorParts {
  /** Null where no certificates are ordered. */
  readonly challenges: Challenges | null;
  /** Whether a host is one of ours: only those are named in an answer. */
  knows(host: string): boolean;
  /** The port of https; 443 is left out of addresses. */
  readonly port: number;
}

export function answerAtDoor({ request, response }: Answering, parts: DoorParts): void {
  const head = readHead(rawHead(request));
  const end = (status: number, headers: readonly (readonly [string, string])[], text = ''): void => {
    const body = Buffer.from(text);
    sendHead(response, status, [
      ...headers,
      ['content-length', String(body.byteLength)],
      ['cache-control', 'no-store'],
      // A body that is not read ends its connection.
      ...(!isRefusal(head) && !head.hasBody ? [] : ([['connection', 'close']] as const)),
    ]);
    response.end(request.method === 'HEAD' ? Buffer.alloc(0) : body);
  };
  if (isRefusal(head)) {
    end(REFUSALS[head.why], []);
    return;
  }
  if (head.path.startsWith(CHALLENGE_PATH) && head.method === 'GET') {
    const text = parts.challenges?.read(head.path.slice(CHALLENGE_PATH.length)) ?? null;
    end(text === null ? 404 : 200, [['content-type', 'application/octet-stream']], text ?? '');
    return;
  }
  if (!parts.knows(head.host)) {
    end(REFUSALS['unknown-host'], []);
    return;
  }
  const port = parts.port === 443 ? '' : `:${parts.port}`;
  end(308, [['location', `https://${head.host}${port}${head.path}${head.query}`]]);
}
