import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { PlatformView } from '@loupe/contract';
import { api } from '../../api.ts';
import { Copy } from '../../parts/copy.tsx';
import { Field } from '../../parts/field.tsx';
import { textOf } from '../../parts/form.ts';
import { ProblemNote } from '../../parts/problem.tsx';

interface ConnectProps {
  readonly shop: string;
  readonly view: PlatformView;
}

/** The guided set-up of an app of the shop's own: four steps, and what each right is for. */
export function Connect({ shop, view }: ConnectProps) {
  const queries = useQueryClient();
  const connect = useMutation({
    mutationFn: (form: FormData) =>
      api.connectPlatform(shop, {
        platform: 'shopify',
        domain: textOf(form, 'domain'),
        clientId: textOf(form, 'clientId'),
        clientSecret: textOf(form, 'clientSecret'),
      }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['platform', shop] });
      await queries.invalidateQueries({ queryKey: ['answers', shop] });
    },
  });
  const { sample } = view;
  return (
    <section>
      <p>
        Connected to Shopify, Loupe sees from inside what changes in your shop: theme files, prices,
        discounts, redirects, texts. It only reads. It takes some ten minutes, best done by whoever builds
        your shop.
      </p>
      {sample === null ? null : (
        <p className="notice">
          This is a sample shop, and its Shopify is simulated on this machine. The fields below are filled in
          with the keys of its simulated app.
        </p>
      )}
      <ol className="steps">
        <li>
          In Shopify’s <strong>Dev Dashboard</strong>, create an app in the organisation that owns the shop.
          Name it Loupe.
        </li>
        <li>
          Give it these rights, and release the version. Leave out what you would rather not have watched: it
          is then shown as a gap.
          <p className="actions">
            <Copy text={view.asked} label="Copy the rights" />
          </p>
          <Scopes view={view} />
        </li>
        <li>Install the app in the shop, from the app’s own page in the Dev Dashboard.</li>
        <li>
          Copy client id and secret from the app’s settings to here. The secret is sealed at once and shown to
          nobody again.
          <form action={(form) => connect.mutate(form)}>
            <Field
              label="The shop’s name at Shopify"
              name="domain"
              placeholder="your-shop.myshopify.com"
              defaultValue={sample?.domain}
              autoCapitalize="none"
              autoComplete="off"
              spellCheck={false}
              required
            />
            <Field
              label="Client id"
              name="clientId"
              defaultValue={sample?.clientId}
              autoComplete="off"
              spellCheck={false}
              required
            />
            <Field
              label="Client secret"
              name="clientSecret"
              type="password"
              defaultValue={sample?.clientSecret}
              autoComplete="off"
              required
            />
            <button type="submit" disabled={connect.isPending}>
              {connect.isPending ? 'Trying …' : 'Connect'}
            </button>
            <ProblemNote error={connect.error} />
          </form>
        </li>
      </ol>
    </section>
  );
}

function Scopes({ view }: { readonly view: PlatformView }) {
  return (
    <dl className="scopes">
      {view.scopes.map((one) => (
        <div key={one.scope}>
          <dt>
            <code>{one.scope}</code>{' '}
            {one.closed ? <span className="soft">(not open to everybody)</span> : null}
          </dt>
          <dd>{one.unlocks}</dd>
        </div>
      ))}
    </dl>
  );
}
