// Tokens of one issuer, and a route that asks for them.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';

export interface Issuer {
  readonly jwk: JWK;
  readonly proof: object;
  /** Another token each time. */
  token(): Promise<string>;
}

export async function issuer(): Promise<Issuer> {
  const keys = await generateKeyPair('ES256', { extractable: true });
  const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'k', alg: 'ES256' };
  return {
    jwk,
    proof: {
      kind: 'jwt',
      issuer: 'https://issuer.test',
      audience: 'bench',
      algorithms: ['ES256'],
      scopes: ['catalogue'],
      keys: { from: 'policy', jwks: { keys: [jwk] } },
      maxAgeMs: 3_600_000,
    },
    token: async () =>
      await new SignJWT({ scope: 'catalogue' })
        .setProtectedHeader({ alg: 'ES256', kid: 'k' })
        .setIssuer('https://issuer.test')
        .setAudience('bench')
        .setSubject('bench')
        .setJti(randomUUID())
        .setIssuedAt()
        .setExpirationTime('1h')
        .sign(keys.privateKey),
  };
}

/** More than an edge remembers, so that each is new to it whenever its turn comes. */
const COLD = 24_000;

/** A wrk script that brings another token with each request, round and round. */
export async function coldScript({ token }: Pick<Issuer, 'token'>): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), 'loupe-bench-'));
  const tokens: string[] = [];
  for (let i = 0; i < COLD; i += 200) tokens.push(...(await Promise.all(Array.from({ length: 200 }, token))));
  writeFileSync(join(dir, 'tokens'), `${tokens.join('\n')}\n`);
  const script = join(dir, 'cold.lua');
  writeFileSync(
    script,
    `local tokens, n = {}, 0
for line in io.lines("${join(dir, 'tokens')}") do tokens[#tokens + 1] = line end
request = function()
  n = n % #tokens + 1
  return wrk.format("GET", nil, { ["Authorization"] = "Bearer " .. tokens[n] })
end
`,
  );
  return script;
}
