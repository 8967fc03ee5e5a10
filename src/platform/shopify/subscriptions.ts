import { fieldsOf } from '#plane';
import { type Admin, nodesOf } from './admin.ts';
import { ReadFailed } from '../failed.ts';
import { topicsFor } from './topics.ts';

const LIST = `query Subscriptions($after: String) {
  webhookSubscriptions(first: 50, after: $after) {
    nodes { id topic endpoint { __typename ... on WebhookHttpEndpoint { callbackUrl } } }
    pageInfo { hasNextPage endCursor }
  }
}`;

const CREATE = `mutation Subscribe($topic: WebhookSubscriptionTopic!, $to: WebhookSubscriptionInput!) {
  webhookSubscriptionCreate(topic: $topic, webhookSubscription: $to) { webhookSubscription { id } userErrors { field message } }
}`;

const DELETE = `mutation Unsubscribe($id: ID!) {
  webhookSubscriptionDelete(id: $id) { deletedWebhookSubscriptionId userErrors { field message } }
}`;

/** What a delivery is to hold: enough to know what to read again, and nothing about a person. */
const FIELDS: readonly string[] = ['id', 'admin_graphql_api_id', 'updated_at'];

export interface SubscriptionsSeen {
  readonly subscribed: readonly string[];
  /** Those that were missing and are there again. */
  readonly resubscribed: readonly string[];
}

/** Makes the subscriptions what they should be: each topic once, to `callbackUrl`; what is left over is taken back. */
export async function keepSubscribed(
  admin: Admin,
  callbackUrl: string,
  scopes: readonly string[],
): Promise<SubscriptionsSeen> {
  const wanted = new Set(topicsFor(scopes));
  const resubscribed: string[] = [];
  const there = new Set<string>();
  for (const { id, topic, url } of await subscriptionsOf(admin)) {
    if (url === callbackUrl && wanted.has(topic) && !there.has(topic)) there.add(topic);
    else await admin.ask(DELETE, { id });
  }
  for (const topic of wanted) {
    if (there.has(topic)) continue;
    const to = { callbackUrl, format: 'JSON', includeFields: [...FIELDS] };
    const made = fieldsOf((await admin.ask(CREATE, { topic, to }))['webhookSubscriptionCreate'] ?? null);
    const errors = made.json('userErrors');
    // A topic that this shop may not have (an unapproved use of customer data) is one that is not there.
    if (Array.isArray(errors) && errors.length > 0) continue;
    resubscribed.push(topic);
    there.add(topic);
  }
  return { subscribed: [...there].toSorted(), resubscribed: resubscribed.toSorted() };
}

/** Takes back every subscription of this app. */
export async function unsubscribe(admin: Admin): Promise<void> {
  for (const { id } of await subscriptionsOf(admin)) await admin.ask(DELETE, { id });
}

async function subscriptionsOf(admin: Admin) {
  const nodes = await nodesOf(admin, LIST, ['webhookSubscriptions'], 500);
  if (nodes === null) throw new ReadFailed('bad-answer');
  return nodes.map((node) => {
    const fields = fieldsOf(node);
    const url = fields.object('endpoint')['callbackUrl'];
    return { id: fields.text('id'), topic: fields.text('topic'), url: typeof url === 'string' ? url : '' };
  });
}
