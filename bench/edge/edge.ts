// The figures of the edge. The proxy under test is held to one core; load and upstream share the other.
import { full } from './full.ts';
import { idle } from './idle.ts';
import { plain } from './plain.ts';
import { slowClients } from './slow.ts';
import { held, LOAD_CORE } from './tools.ts';

export async function edgeBench(): Promise<Record<string, number>> {
  const upstream = await held(LOAD_CORE, ['upstream']);
  try {
    return {
      ...(await plain(upstream.port)),
      ...(await full(upstream.port)),
      ...(await slowClients(upstream.port)),
      ...(await idle(upstream.port)),
    };
  } finally {
    upstream.stop();
  }
}
