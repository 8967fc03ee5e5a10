import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api.ts';
import { Field } from '../../parts/field.tsx';
import { textOf } from '../../parts/form.ts';
import { ProblemNote } from '../../parts/problem.tsx';
import { Select } from '../../parts/select.tsx';
import { FIREWALL_MODES } from './route-firewall.tsx';

const WHO = [
  ['public', 'Anybody (say why)'],
  ['api-key', 'Who has an API key'],
  ['client-token', 'Machine clients with a short token'],
  ['jwt', 'Who is signed in at an identity provider'],
  ['shopify-proxy', 'The shop’s pages, through Shopify’s app proxy'],
  ['shopify-webhook', 'Shopify’s webhooks'],
  ['standard-webhook', 'Webhooks signed by a shared secret'],
  ['order-link', 'Who has a signed link to an order'],
] as const;

type Who = (typeof WHO)[number][0];

/** The proof that a form describes. */
function proofOf(
  form: FormData,
  who: Who,
  platform: { readonly id: string; readonly domain: string } | null,
) {
  switch (who) {
    case 'public':
      return { kind: 'public', owner: textOf(form, 'owner'), reason: textOf(form, 'reason') };
    case 'api-key':
    case 'client-token':
      return {
        kind: who,
        scopes: textOf(form, 'scopes')
          .split(/\s+/u)
          .filter((scope) => scope !== ''),
      };
    case 'jwt':
      return {
        kind: 'jwt',
        issuer: textOf(form, 'issuer'),
        audience: textOf(form, 'audience'),
        algorithms: ['RS256', 'ES256', 'EdDSA'],
      };
    case 'shopify-proxy':
      return { kind: 'shopify-proxy', domain: platform?.domain, secrets: [platform?.id] };
    case 'shopify-webhook':
      return { kind: 'webhook', scheme: 'shopify', secrets: [platform?.id], toleranceMs: 8 * 3_600_000 };
    case 'standard-webhook':
      return { kind: 'webhook', scheme: 'standard', secrets: [textOf(form, 'secret')] };
    case 'order-link':
      return { kind: 'order-link', secrets: [textOf(form, 'secret')] };
  }
}

/** A new route: what most need; everything else can be changed afterwards. */
export function NewRoute({ shop }: { readonly shop: string }) {
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  const [who, setWho] = useState<Who>('public');
  const [guarded, setGuarded] = useState(false);
  const platform = useQuery({
    queryKey: ['platform', shop],
    queryFn: () => api.platform(shop),
    enabled: open,
  });
  const secrets = useQuery({
    queryKey: ['edge-secrets', shop],
    queryFn: () => api.edgeSecrets(shop),
    enabled: open,
  });
  const connected = platform.data?.platform?.kind === 'shopify' ? platform.data.platform : null;
  const add = useMutation({
    mutationFn: (form: FormData) =>
      api.addRoute(shop, {
        name: textOf(form, 'name'),
        hosts: textOf(form, 'hosts')
          .split(/[\s,]+/u)
          .filter((host) => host !== ''),
        path: textOf(form, 'path'),
        methods: textOf(form, 'methods').split(' '),
        upstream: { origin: textOf(form, 'origin') },
        proofs: [proofOf(form, who, connected)],
        firewall: { mode: textOf(form, 'firewall') },
        limits: [
          {
            id: 'address',
            per: 'address',
            amount: Number(textOf(form, 'amount')),
            windowMs: 60_000,
            burst: Math.max(1, Math.ceil(Number(textOf(form, 'amount')) / 6)),
          },
        ],
        guards: guarded
          ? [
              {
                id: 'login',
                what: 'login',
                paths: [textOf(form, 'loginPath')],
                missStatus: [401, 403],
                missWords: textOf(form, 'missWord') === '' ? [] : [textOf(form, 'missWord')],
                per: ['account', 'address', 'prefix'],
                accountField: textOf(form, 'accountField'),
                surge: 200,
              },
            ]
          : [],
      }),
    onSuccess: async () => {
      setOpen(false);
      await queries.invalidateQueries({ queryKey: ['edge-routes', shop] });
    },
  });
  const needsSecret = who === 'standard-webhook' || who === 'order-link';
  const needsPlatform = who === 'shopify-proxy' || who === 'shopify-webhook';
  return (
    <details className="part" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>New route</summary>
      <form action={(form) => add.mutate(form)}>
        <Field label="What it is" name="name" placeholder="Shop API" required />
        <Field
          label="Host"
          name="hosts"
          placeholder="api.example.com"
          help="The name that callers ask for; several with spaces."
          required
        />
        <Field
          label="Path"
          name="path"
          defaultValue="/"
          help="Everything below it, where it ends in /. The longest path that fits wins."
          required
        />
        <Field label="What runs behind it" name="origin" placeholder="http://127.0.0.1:8080" required />
        <Select
          label="What may be done"
          name="methods"
          options={[
            ['GET HEAD', 'Read only'],
            ['GET HEAD POST', 'Read, and send forms'],
            ['GET HEAD POST PUT PATCH DELETE OPTIONS', 'Everything'],
            ['POST', 'Deliver only'],
          ]}
        />
        <Select
          label="Who may call"
          value={who}
          onChange={(event) =>
            setWho(WHO.find(([value]) => value === event.currentTarget.value)?.[0] ?? 'public')
          }
          options={WHO}
        />
        {who === 'public' ? (
          <>
            <Field label="Why it is open" name="reason" placeholder="The shop window" required />
            <Field label="Who answers for that" name="owner" placeholder="A name" required />
          </>
        ) : null}
        {who === 'api-key' || who === 'client-token' ? (
          <Field
            label="Scopes it takes"
            name="scopes"
            placeholder="stock orders:read"
            help="Words of your own, with spaces; a key or client must have all of them."
          />
        ) : null}
        {who === 'jwt' ? (
          <>
            <Field label="Issuer" name="issuer" type="url" placeholder="https://login.example.com" required />
            <Field label="Audience" name="audience" placeholder="shop-api" required />
          </>
        ) : null}
        {needsPlatform && connected === null ? (
          <p className="warn">Connect Shopify on the page “Platform” first.</p>
        ) : null}
        {needsSecret ? (
          (secrets.data?.secrets.length ?? 0) === 0 ? (
            <p className="warn">File a shared secret under “Keys and clients” first.</p>
          ) : (
            <Select
              label="Shared secret"
              name="secret"
              options={(secrets.data?.secrets ?? []).map((one) => [one.id, one.name] as const)}
            />
          )
        ) : null}
        <Field
          label="Requests a minute from one address"
          name="amount"
          type="number"
          min={1}
          defaultValue={600}
          required
        />
        <Select label="The firewall" name="firewall" options={FIREWALL_MODES} />
        <p className="check">
          <input
            id="guarded"
            type="checkbox"
            checked={guarded}
            onChange={(event) => setGuarded(event.currentTarget.checked)}
          />
          <label htmlFor="guarded">People sign in here: lock out whoever guesses passwords</label>
        </p>
        {guarded ? (
          <>
            <Field label="Path of the login" name="loginPath" placeholder="/login" required />
            <Field label="Field that names the account" name="accountField" defaultValue="email" required />
            <Field
              label="Words of a failed login"
              name="missWord"
              help="Only where the page answers 200 to a wrong password."
            />
          </>
        ) : null}
        <button type="submit" disabled={add.isPending || (needsPlatform && connected === null)}>
          Add the route
        </button>
        <ProblemNote error={add.error} />
      </form>
    </details>
  );
}
