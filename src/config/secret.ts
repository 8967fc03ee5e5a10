import { z } from 'zod';
import { configError } from './errors.ts';

/** A reference to a secret: `env:NAME` or `file:PATH`. The secret itself never stands in the config. */
export const secretReference: z.ZodType<string> = z
  .string()
  .regex(/^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$/u, 'a reference to a secret: env:NAME or file:PATH');

export interface SecretSources {
  env(name: string): string | undefined;
  file(path: string): string | undefined;
}

/** Fetches what a reference names. Throws `config/secret-missing`, which names the reference and nothing else. */
export function resolveSecret(reference: string, sources: SecretSources): string {
  const [, kind, name] = /^(env|file):(.+)$/u.exec(reference) ?? [];
  const value =
    kind === 'env' ? sources.env(name ?? '') : kind === 'file' ? sources.file(name ?? '') : undefined;
  const secret = value?.trim();
  if (secret === undefined || secret === '')
    throw configError('config/secret-missing', { details: { reference } });
  return secret;
}
