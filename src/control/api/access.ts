import type { Context } from 'hono';
import { getCookie } from 'hono/cookie';
import type { Permission } from '../auth/grants.ts';
import { type Grants, mayDo } from '../auth/grants.ts';
import type { People, SignedIn } from '../auth/people.ts';
import { controlError } from '../errors.ts';

/**
 * Who may use an operation. Every operation declares one; there is no default, and so nothing is open by accident.
 *
 * `open`: anybody. `session`: whoever has begun to sign in. `person`: whoever is signed in with all factors. `admin`: whoever
 * may add shops. A permission: whoever has a role in the shop of the path that allows it; for all others the shop does not
 * exist.
 */
export type Access = 'open' | 'session' | 'person' | 'admin' | Permission;

export interface ApiEnv {
  Variables: {
    who: SignedIn;
    /** What is kept of an answer for a repeated request, where the answer itself holds a secret. */
    kept?: string;
  };
}

export const SESSION_COOKIE = 'loupe_session';

export interface Gatekeeper {
  readonly people: People;
  readonly grants: Grants;
}

/** Lets a request through or throws. Another's shop is *not found*: its existence is nobody's business. */
export async function admit(
  c: Context<ApiEnv>,
  access: Access,
  { people, grants }: Gatekeeper,
): Promise<void> {
  if (access === 'open') return;
  const token = getCookie(c, SESSION_COOKIE);
  const who = token === undefined ? null : await people.find(token);
  if (who === null) throw controlError('control/not-signed-in');
  c.set('who', who);
  if (access === 'session') return;
  if (!who.complete) throw controlError('control/not-signed-in');
  if (access === 'person') return;
  if (access === 'admin') {
    if (who.person.admin !== 1) throw controlError('control/not-allowed');
    return;
  }
  const shopId = c.req.param('shop') ?? '';
  const roles = await grants.rolesOf(who.person.id, shopId);
  if (roles.length === 0) throw controlError('control/not-found');
  if (!roles.some((role) => mayDo(role, access))) throw controlError('control/not-allowed');
}
