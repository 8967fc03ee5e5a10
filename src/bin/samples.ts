import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Sample } from '#control';

const samplesSchema = z.array(
  z.object({
    name: z.string(),
    address: z.url(),
    visit: z.url(),
    reach: z.object({
      allowNetworks: z.array(z.string()),
      extraCa: z.array(z.string()),
      resolver: z.string().nullable(),
      connectTo: z.record(z.string(), z.string()),
    }),
    platform: z
      .object({
        domain: z.string(),
        clientId: z.string(),
        clientSecret: z.string(),
        visit: z.url(),
        callBase: z.url(),
      })
      .optional(),
    feeds: z.record(z.string(), z.record(z.string(), z.string())).optional(),
  }),
);

/** Reads what a process that runs sample shops says of them. */
export function parseSamples(value: unknown): Sample[] {
  return samplesSchema.parse(value).map(({ platform, feeds, ...sample }) => ({
    ...sample,
    ...(platform === undefined ? {} : { platform }),
    ...(feeds === undefined ? {} : { feeds }),
  }));
}

/** The sample shops that are running, or none. */
export function readSamples(file: string): Sample[] {
  return existsSync(file) ? parseSamples(JSON.parse(readFileSync(file, 'utf8'))) : [];
}
