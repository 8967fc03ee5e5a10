import { CompactSign, FlattenedSign, importJWK, type JWK } from 'jose';

/** Somebody who answers by link in a browser without scripts: keeps cookies by their path, follows redirects. */
export function respondent(base: string) {
  const cookies = new Map<string, { path: string; value: string }>();

  async function send(
    path: string,
    init: Omit<RequestInit, 'headers'> & { readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    const own = [...cookies.entries()]
      .filter(([, cookie]) => path.startsWith(cookie.path))
      .map(([name, cookie]) => `${name}=${cookie.value}`);
    const answer = await fetch(`${base}${path}`, {
      redirect: 'manual',
      ...init,
      headers: { ...(own.length === 0 ? {} : { cookie: own.join('; ') }), ...init.headers },
    });
    for (const set of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/u.exec(set) ?? [];
      cookies.set(name, { value, path: /path=([^;]+)/iu.exec(set)?.[1] ?? '/' });
    }
    return {
      status: answer.status,
      headers: answer.headers,
      location: answer.headers.get('location'),
      text: await answer.text(),
    };
  }

  return {
    send,
    cookies: () => [...cookies.keys()],
    /** Opens a link and presses Begin; where that leads, or null where the link does not work. */
    async begin(link: string): Promise<string | null> {
      const path = new URL(link, base).pathname;
      const shown = await send(path);
      if (shown.status !== 200) return null;
      const token = /name="token" value="([^"]+)"/u.exec(shown.text)?.[1] ?? '';
      const begun = await send('/answer', { method: 'POST', body: new URLSearchParams({ token }) });
      return begun.location;
    },
    /** Saves a section's fields, and files by their field names. */
    async save(
      path: string,
      fields: Readonly<Record<string, string>>,
      files: readonly { readonly field: string; readonly name: string; readonly bytes: Uint8Array }[] = [],
    ) {
      const form = new FormData();
      for (const [name, value] of Object.entries(fields)) form.append(name, value);
      for (const { field, name, bytes } of files)
        form.append(field, new File([Uint8Array.from(bytes)], name));
      return await send(path, { method: 'POST', body: form });
    },
  };
}

interface AskFileData {
  readonly ask: string;
  readonly form: string;
  readonly key: string;
  readonly private: JWK;
}

/** What an ask file carries for its script. */
export function askFileData(html: string): AskFileData {
  return JSON.parse(/<script type="application\/json" id="ask">([^<]+)</u.exec(html)?.[1] ?? '{}');
}

/** A reply file as the ask file's script makes one; `change` makes it wrong. */
export async function replyFile(
  data: AskFileData,
  content: Record<string, unknown>,
  change: { readonly header?: Record<string, unknown>; readonly key?: JWK } = {},
): Promise<string> {
  const payload = new TextEncoder().encode(
    JSON.stringify({
      v: 1,
      ask: data.ask,
      form: data.form,
      at: Date.now(),
      answers: {},
      messages: [],
      files: [],
      ...content,
    }),
  );
  const header = { alg: 'ES256', typ: 'loupe-reply+json', kid: data.key, ...change.header };
  const signed = await new FlattenedSign(payload)
    .setProtectedHeader(header)
    .sign(await importJWK({ ...(change.key ?? data.private) }, 'ES256'));
  return JSON.stringify({
    payload: signed.payload,
    protected: signed.protected,
    signature: signed.signature,
  });
}

/** A compact JWS of the same: a form that is not accepted. */
export async function compactReply(data: AskFileData): Promise<string> {
  const payload = new TextEncoder().encode(JSON.stringify({ v: 1, ask: data.ask }));
  return await new CompactSign(payload)
    .setProtectedHeader({ alg: 'ES256', typ: 'loupe-reply+json', kid: data.key })
    .sign(await importJWK({ ...data.private }, 'ES256'));
}
