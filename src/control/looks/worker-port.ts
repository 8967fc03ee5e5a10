// What control offers its workers on a channel: jobs out, results in. A worker has read what strangers sent, so nothing it
// says is believed beyond its own job: it can neither name another shop nor speak after its claim is void.
import type { Json } from '#kernel';
import type { LookResult } from '#look';
import { fieldsOf, isObject, type Methods, planeError, readObservation, SHOP_KINDS } from '#plane';
import type { Claim, Jobs } from '#storage';
import { LOOK_JOB, LOOK_LEASE_MS, type Looks, PUBLIC_REACH, type Reach } from './looks.ts';

export interface WorkerPortOptions {
  readonly jobs: Jobs;
  readonly looks: Looks;
  reachOf(host: string): Reach | undefined;
}

function claimOf(params: Json): Claim {
  const fields = fieldsOf(params);
  return { id: fields.text('id'), fence: fields.integer('fence') };
}

export function workerMethods(options: WorkerPortOptions): Methods {
  const { jobs, looks } = options;
  return {
    'job.claim': async () => {
      const job = await jobs.claim([LOOK_JOB], LOOK_LEASE_MS);
      if (job === null) return null;
      const payload = fieldsOf(job.payload);
      const reach = options.reachOf(payload.text('host')) ?? PUBLIC_REACH;
      return {
        id: job.id,
        fence: job.fence,
        address: payload.text('address'),
        kind: job.shopId === null ? null : await looks.kindOf(job.shopId),
        reach: { ...reach, connectTo: { ...reach.connectTo } },
      };
    },
    'job.renew': async (params) =>
      await jobs.renew(claimOf(params), LOOK_LEASE_MS, { parts: [...fieldsOf(params).texts('parts')] }),
    'job.fail': async (params) =>
      await jobs.fail(claimOf(params), { why: fieldsOf(params).text('why').slice(0, 200) }),
    'job.look': async (params) => {
      const claim = claimOf(params);
      const job = await jobs.get(claim.id);
      if (job === null || job.kind !== LOOK_JOB || job.shopId === null) throw planeError('plane/malformed');
      return await looks.record(claim, job.shopId, readResult(fieldsOf(params).json('result')));
    },
  };
}

const MAX_FINDINGS = 500;
const MAX_PLATFORM = 60;

/**
 * Reads a worker's result. Every finding has the shape of an observation that was seen; which checks there are and how long
 * they stay fresh is not the worker's to say (see `Looks.record`).
 */
function readResult(value: Json): LookResult {
  const fields = fieldsOf(value);
  fields.integer('at');
  fields.integer('ms');
  fields.text('target');
  if (fields.textOrNull('kind') !== null) fields.oneOf('kind', SHOP_KINDS);
  if ((fields.textOrNull('platform') ?? '').length > MAX_PLATFORM)
    throw planeError('plane/malformed', { details: { field: 'platform' } });
  fields.object('evidence');
  const findings = fields.json('findings');
  if (!Array.isArray(findings) || findings.length > MAX_FINDINGS) {
    throw planeError('plane/malformed', { details: { field: 'findings' } });
  }
  for (const finding of findings) {
    if (!isObject(finding)) throw planeError('plane/malformed', { details: { field: 'findings' } });
    const { evidenceName, ...seen } = finding;
    const read = readObservation({ ...seen, id: '', shop: '', evidence: null });
    if (typeof evidenceName !== 'string' || read.source !== 'seen' || read.outcome === 'providers') {
      throw planeError('plane/malformed', { details: { field: 'findings' } });
    }
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the parts that are used were checked above
  return value as unknown as LookResult;
}
