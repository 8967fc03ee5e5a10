// What control offers its workers on a channel: jobs out, results in. A worker can neither name another shop nor speak after its claim is
// void.
import type { Json } from '#kernel';
import { fieldsOf, type Methods, planeError } from '#plane';
import type { Claim, Jobs } from '#storage';
import type { JobKind } from './job-kind.ts';

function claimOf(params: Json): Claim {
  const fields = fieldsOf(params);
  return { id: fields.text('id'), fence: fields.integer('fence') };
}

export function workerMethods(jobs: Jobs, kinds: readonly JobKind[]): Methods {
  const names = kinds.map((kind) => kind.kind);
  const longestMs = Math.max(...kinds.map((kind) => kind.leaseMs));

  async function heldJob(claim: Claim) {
    const job = await jobs.get(claim.id);
    const kind = kinds.find((known) => known.kind === job?.kind);
    if (job === null || job.shopId === null || kind === undefined) throw planeError('plane/malformed');
    return { job, kind };
  }

  return {
    'job.claim': async (params) => {
      const asked = new Set(fieldsOf(params).texts('kinds'));
      const job = await jobs.claim(
        names.filter((name) => asked.has(name)),
        longestMs,
      );
      const kind = kinds.find((known) => known.kind === job?.kind);
      if (job === null || kind === undefined) return null;
      // From now on its own: a worker that dies at once holds it no longer than any other.
      await jobs.renew(job, kind.leaseMs, null);
      const task = job.shopId === null ? null : await kind.task(job);
      if (task === null) {
        await jobs.cancel(job.id);
        return null;
      }
      return { id: job.id, fence: job.fence, kind: job.kind, task };
    },
    'job.renew': async (params) => {
      const claim = claimOf(params);
      const { kind } = await heldJob(claim);
      return await jobs.renew(claim, kind.leaseMs, { parts: [...fieldsOf(params).texts('parts')] });
    },
    'job.fail': async (params) =>
      await jobs.fail(claimOf(params), { why: fieldsOf(params).text('why').slice(0, 200) }),
    'job.done': async (params) => {
      const claim = claimOf(params);
      const { job, kind } = await heldJob(claim);
      return await kind.record(claim, job, fieldsOf(params).json('result'));
    },
  };
}
