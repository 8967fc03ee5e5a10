import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '../../api.ts';
import { Field } from '../../parts/field.tsx';
import { textOf } from '../../parts/form.ts';
import { ProblemNote } from '../../parts/problem.tsx';

interface ConnectKeyProps {
  readonly shop: string;
  readonly platform: 'woocommerce' | 'magento';
  readonly sample: { readonly clientId: string; readonly clientSecret: string } | null;
}

const STEPS = {
  woocommerce: {
    title: 'WooCommerce',
    make: 'In WordPress, open WooCommerce, Settings, Advanced, REST API, and add a key with the permission Read.',
    id: 'Consumer key',
    secret: 'Consumer secret',
  },
  magento: {
    title: 'Magento',
    make: 'In the admin, open System, Integrations, and add one that may read catalog, cart price rules, pages and modules. Since 2.4.4 tokens have to be allowed under Stores, Configuration, Services, OAuth.',
    id: 'Name of the integration',
    secret: 'Access token',
  },
} as const;

/** Connecting a shop that has its own software, by a key that may only read. */
export function ConnectKey({ shop, platform, sample }: ConnectKeyProps) {
  const queries = useQueryClient();
  const connect = useMutation({
    mutationFn: (form: FormData) =>
      api.connectPlatform(shop, {
        platform,
        clientId: textOf(form, 'clientId'),
        clientSecret: textOf(form, 'clientSecret'),
      }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['platform', shop] });
      await queries.invalidateQueries({ queryKey: ['answers', shop] });
    },
  });
  const words = STEPS[platform];
  return (
    <section>
      <h2>{words.title}</h2>
      <p>
        Loupe then reads once an hour what is for sale, for how much, and by whose extensions, and says what
        changed. Its files are not open to it: what your pages load is seen by looks.
      </p>
      <ol className="steps">
        <li>{words.make}</li>
        <li>
          Copy both to here. They are sealed at once and shown to nobody again.
          <form action={(form) => connect.mutate(form)}>
            <Field
              label={words.id}
              name="clientId"
              defaultValue={sample?.clientId}
              autoComplete="off"
              spellCheck={false}
              required
            />
            <Field
              label={words.secret}
              name="clientSecret"
              type="password"
              defaultValue={sample?.clientSecret}
              autoComplete="off"
              minLength={8}
              required
            />
            <button type="submit" disabled={connect.isPending}>
              Connect
            </button>
            <ProblemNote error={connect.error} />
          </form>
        </li>
      </ol>
    </section>
  );
}
