import { request } from 'node:http';

export interface Asked {
  readonly status: number;
  readonly location: string | undefined;
  readonly text: string;
}

/** One request to this machine under any Host and path, as they are given: `fetch` would tidy both. */
export async function ask(port: number, path: string, host: string, method = 'GET'): Promise<Asked> {
  return await new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, method, headers: { host } }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, location: response.headers.location, text }),
      );
    })
      .on('error', reject)
      .end();
  });
}
