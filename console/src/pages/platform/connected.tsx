import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Platform, PlatformView } from '@loupe/contract';
import { api } from '../../api.ts';
import { Copy } from '../../parts/copy.tsx';
import { Field } from '../../parts/field.tsx';
import { textOf } from '../../parts/form.ts';
import { ProblemNote } from '../../parts/problem.tsx';
import { day, moment } from '../../parts/time.ts';

interface ConnectedProps {
  readonly shop: string;
  readonly platform: Platform;
  readonly view: PlatformView;
}

/** A connected platform: how it stands, what is watched, what is closed, and how to end it. */
export function Connected({ shop, platform, view }: ConnectedProps) {
  const queries = useQueryClient();
  const [ending, setEnding] = useState(false);
  const refresh = async (): Promise<void> => {
    await queries.invalidateQueries({ queryKey: ['platform', shop] });
    await queries.invalidateQueries({ queryKey: ['answers', shop] });
  };
  const read = useMutation({ mutationFn: () => api.readPlatform(shop), onSuccess: refresh });
  const rotate = useMutation({
    mutationFn: (form: FormData) => api.rotateSecret(shop, textOf(form, 'clientSecret')),
    onSuccess: refresh,
  });
  const leave = useMutation({ mutationFn: () => api.leavePlatform(shop), onSuccess: refresh });
  return (
    <section>
      <p className={platform.state === 'connected' ? 'lead' : 'lead warn'}>
        {platform.state === 'connected'
          ? `Connected to ${platform.name} as ${platform.domain}.`
          : `${platform.name} does not let Loupe in any more.`}
      </p>
      {view.sample === null ? null : (
        <p className="notice">
          This is a sample shop. In <a href={view.sample.visit}>its simulated admin</a> you can let something
          happen to it: a changed file, a price, a discount. Your browser will warn of its certificate, which
          is the sample’s own.
        </p>
      )}
      {platform.problem === null ? null : <p className="problem">{platform.problem}</p>}
      <p className="soft">
        {platform.readAt === null
          ? 'It is being read for the first time.'
          : `Last read ${moment(platform.readAt)}.`}{' '}
        {platform.deliveredAt === null
          ? ''
          : `Last message from the platform ${moment(platform.deliveredAt)}. `}
        It is read every hour{platform.topics > 0 ? ', and when the platform tells of a change' : ''}.
      </p>
      <p className="actions">
        <button type="button" className="quiet" disabled={read.isPending} onClick={() => read.mutate()}>
          Read it now
        </button>
        {read.isSuccess ? <span className="soft">It will be read within seconds.</span> : null}
      </p>
      <ProblemNote error={read.error} />

      {platform.watched.length === 0 ? null : (
        <>
          <h2>Watched</h2>
          <ul className="parts">
            {platform.watched.map((one) => (
              <li key={one} className="done">
                {one}
              </li>
            ))}
          </ul>
        </>
      )}
      {platform.gaps.length === 0 ? null : (
        <>
          <h2>Not watched</h2>
          <ul className="cards">
            {platform.gaps.map((gap) => (
              <li key={gap.part} className="card">
                <strong>{gap.part}.</strong> {gap.says}
              </li>
            ))}
          </ul>
        </>
      )}
      {platform.kind === 'shopify' ? <h2>How Loupe hears of changes</h2> : null}
      {platform.kind === 'shopify' && platform.callbackUrl === null ? (
        <p className="warn">
          The platform cannot reach this Loupe, which has no public name: changes are seen within the hour,
          not at once. Set publicNames in the config, with TLS in front.
        </p>
      ) : null}
      {platform.callbackUrl === null ? null : (
        <>
          <p>
            {platform.topics} kinds of message are subscribed to. In the app’s settings, enter this address
            for the three compliance webhooks, too:
          </p>
          <p className="link">
            <code>{platform.callbackUrl}</code>
          </p>
          <p>
            <Copy text={platform.callbackUrl} label="Copy" />
          </p>
        </>
      )}
      {platform.refused.length === 0 ? null : (
        <p className="soft">
          Refused so far: {platform.refused.map((one) => `${one.count} ${one.why}`).join(', ')}.
        </p>
      )}
      <h2>Keys</h2>
      <p className="soft">
        Client id <code>{platform.clientId}</code>. The secret lies sealed since {day(platform.secretAt)};
        change it before {day(platform.secretOldAt)}.
        {platform.tokenUntil === null
          ? ''
          : ` The token in use ends ${moment(platform.tokenUntil)} by itself.`}
      </p>
      {platform.kind === 'shopify' ? <Rights view={view} /> : null}
      <details className="part">
        <summary>Give a new secret</summary>
        <form action={(form) => rotate.mutate(form)}>
          <Field
            label={platform.kind === 'shopify' ? 'New client secret' : 'New secret'}
            name="clientSecret"
            type="password"
            autoComplete="off"
            help={
              platform.kind === 'shopify'
                ? 'Rotate it in the Dev Dashboard first. The old one still counts for an hour, so nothing is lost.'
                : 'Make a new key first, and remove the old one afterwards.'
            }
            required
          />
          <button type="submit" disabled={rotate.isPending}>
            Take it
          </button>
          <ProblemNote error={rotate.error} />
        </form>
      </details>
      <details className="part" open={ending} onToggle={(event) => setEnding(event.currentTarget.open)}>
        <summary>Disconnect</summary>
        <p>
          Takes back the webhooks, and erases the app’s secret, the token and everything Loupe knows of the
          shop’s files, products and texts. What was observed and what changed stays: it is your shop’s
          history. Then uninstall the app in Shopify.
        </p>
        <p>
          <button type="button" className="quiet" disabled={leave.isPending} onClick={() => leave.mutate()}>
            Disconnect now
          </button>
        </p>
        <ProblemNote error={leave.error} />
      </details>
    </section>
  );
}

/** What the app may do, and what each right is for. */
function Rights({ view }: { readonly view: PlatformView }) {
  return (
    <details className="part">
      <summary>Rights of the app</summary>
      <ul className="cards">
        {view.scopes.map((one) => (
          <li key={one.scope} className="card">
            <code>{one.scope}</code> {one.granted ? 'granted' : one.closed ? 'closed' : 'not granted'}
            <p className="soft">{one.unlocks}</p>
          </li>
        ))}
      </ul>
    </details>
  );
}
