// What control is made of, wired together. Nothing here starts by itself.
import { join } from 'node:path';
import { openOutbound } from '#outbound';
import { openBlobStore, openJobs, type Relay } from '#storage';
import { openActions } from './asks/actions.ts';
import { openAsks } from './asks/asks.ts';
import { openConversation } from './asks/conversation.ts';
import { openMessages } from './asks/messages.ts';
import { openQuestionnaires } from './asks/questionnaires.ts';
import { openReplies } from './asks/replies.ts';
import { openAskSender } from './asks/sender.ts';
import { openAnchors } from './anchors/anchors.ts';
import { openGrants } from './auth/grants.ts';
import { openPeople } from './auth/people.ts';
import type { ControlOptions } from './control.ts';
import { openFeedBook } from './feeds/feed-book.ts';
import { liveMethods } from './feeds/live-feeds.ts';
import { openDrops } from './feeds/drops.ts';
import { type FeedLoads, openFeedLoads } from './feeds/feed-loads.ts';
import { openFeedWatch } from './feeds/observe.ts';
import { openReleases } from './feeds/releases.ts';
import { openInspections } from './feeds/inspections.ts';
import { openListSamples } from './feeds/list-samples.ts';
import { openWindowHooks } from './feeds/window-hooks.ts';
import { openShopWindows, type ShopWindows } from './feeds/shop-windows.ts';
import { openKeeperClient } from './keeper-client.ts';
import { openLooks } from './looks/looks.ts';
import { openObservations } from './looks/observations.ts';
import { PUBLIC_REACH, type Reach, type ReachOf } from './looks/reach.ts';
import { openMailer } from './mail/mailer.ts';
import { openChanges } from './platforms/changes.ts';
import { openDeliveries } from './platforms/deliveries.ts';
import { openHookups } from './platforms/hookups.ts';
import { openInventories } from './platforms/inventories.ts';
import { openPlatformWatch } from './platforms/observe.ts';
import { openPrivacyRequests } from './platforms/privacy.ts';
import { openReadings, type Readings } from './platforms/readings.ts';
import { openAnswerBook } from './questions/answers.ts';
import { openShops } from './shops/shops.ts';
import type { State } from './state.ts';
import { openUploads } from './uploads/uploads.ts';
import { openVendorBook } from './vendors/book.ts';
import { openConnections } from './vendors/connections.ts';
import { openDecisions } from './vendors/decisions.ts';
import { openAlarms } from './vendors/endings.ts';
import { openNews } from './vendors/news.ts';
import { openRegisterWatch } from './vendors/observe.ts';
import { openPapers } from './vendors/papers.ts';
import { openRegister } from './vendors/register.ts';
import { openResponsibilities } from './vendors/responsibilities.ts';
import { openVendorLooks } from './vendors/vendor-looks.ts';

export type Services = ReturnType<typeof openServices>;

/** How hosts are reached, by the config and the sample shops that are running. */
function reachBook(options: ControlOptions): ReachOf {
  const reach = new Map<string, Reach>(Object.entries(options.reach));
  for (const sample of options.samples) {
    reach.set(new URL(sample.address).hostname, sample.reach);
    // The sample world's third parties are reached as its shops are.
    for (const place of Object.keys(sample.reach.connectTo)) {
      const host = place.replace(/:\d+$/u, '');
      if (!reach.has(host)) reach.set(host, sample.reach);
    }
  }
  return (hosts) => hosts.map((host) => reach.get(host)).find((found) => found !== undefined) ?? PUBLIC_REACH;
}

export function openServices(
  options: ControlOptions,
  state: State,
  portOf: () => number,
  relayOf: () => Relay,
) {
  const { clock, onError, userAgent } = options;
  const keeper = openKeeperClient(options.keeperSocket);
  const jobs = openJobs(state, clock);
  const blobs = openBlobStore(options.evidenceFolder, keeper);
  const reachOf = reachBook(options);
  const people = openPeople(state, keeper, clock);
  const grants = openGrants(state, clock);
  const shops = openShops(state, keeper, clock);
  const observations = openObservations(state);
  const uploads = openUploads(state, blobs, jobs, clock);

  /** After every change of the register it is judged anew; a failure of that is told and hides no change. */
  const changed = async (shopId: string): Promise<void> => {
    await watch.observe(shopId).catch(onError);
    await platformWatch.observe(shopId).catch(onError);
    await feedWatch.observe(shopId).catch(onError);
    for (const judge of judges) await judge(shopId).catch(onError);
  };
  /** What else judges a shop anew after each change: rooms that are opened later. */
  const judges: ((shopId: string) => Promise<unknown>)[] = [];

  const register = openRegister(state, clock);
  const connections = openConnections(state, clock);
  const decisions = openDecisions(state, clock);
  const responsibilities = openResponsibilities(state, clock);
  const papers = openPapers({ state, uploads, clock, onChanged: changed });
  const news = openNews({
    state,
    jobs,
    blobs,
    register,
    reachOf,
    clock,
    onChanged: changed,
    onConcerns: (tx, shopId, vendor) => asks.askAgainAt(tx, shopId, vendor, clock.now()),
    async mayReach(shopId, host) {
      const { connections: plugged } = await vendorBook.of(shopId);
      return plugged.some(
        (one) =>
          one.kind === 'outbound-host' && one.name === host && one.state === 'enabled' && one.gate.open,
      );
    },
  });
  const namesOf = (ids: readonly string[]) => people.namesOf(ids);
  const vendorBook = openVendorBook({
    register,
    connections,
    decisions,
    papers,
    observations,
    clock,
    namesOf,
  });
  const watch = openRegisterWatch({
    state,
    shops,
    blobs,
    book: vendorBook,
    news,
    responsibilities,
    observations,
    clock,
  });

  const questionnaires = openQuestionnaires(state, clock);
  const asks = openAsks({ state, keeper, questionnaires, clock });
  const replies = openReplies({ state, keeper, blobs, asks, uploads, clock });
  const messages = openMessages(state, keeper, asks, clock);
  const actions = openActions(state, keeper, clock);
  const conversation = openConversation({
    state,
    blobs,
    asks,
    replies,
    messages,
    actions,
    uploads,
    shops,
    register,
    connections,
    observations,
    clock,
    onAnswered: changed,
  });

  const vendorLooks = openVendorLooks({
    state,
    jobs,
    blobs,
    register,
    observations,
    reachOf,
    clock,
    async onLooked(shopId, changes) {
      // What got worse at a third party is a reason to ask it again.
      const worse = new Set(
        changes.filter((change) => change.after === 'falls-short').map((change) => change.vendor),
      );
      await state.transaction(async (tx) => {
        for (const vendor of worse) await asks.askAgainAt(tx, shopId, vendor, clock.now());
      });
      await changed(shopId);
    },
  });
  const changes = openChanges(state, blobs, clock);
  const looks = openLooks({
    state,
    jobs,
    blobs,
    shops,
    register,
    connections,
    changes,
    reachOf,
    clock,
    onLooked: changed,
  });

  const mailer = openMailer({ state, keeper, clock, mail: options.mail, reachOf, userAgent, onError });
  const alarms = openAlarms({ state, shops, book: vendorBook, mailer, clock });
  const [publicName] = options.publicNames;
  const publicBase = publicName === undefined ? null : `https://${publicName}`;

  const hookups = openHookups({
    state,
    keeper,
    shops,
    reachOf,
    userAgent,
    clock,
    publicBaseFor: (domain) => sampleOf(domain)?.callBase ?? publicBase,
    onConnected: (tx, shopId) => readings.begin(tx, shopId),
  });
  const readings: Readings = openReadings({
    state,
    jobs,
    blobs,
    shops,
    hookups,
    changes,
    register,
    connections,
    reachOf,
    clock,
    onRead: changed,
  });
  const deliveries = openDeliveries({ state, keeper, hookups, readings, clock, onHandled: changed });
  const privacy = openPrivacyRequests(state, keeper, clock);
  const inventories = openInventories({ state, keeper, uploads, connections, clock, onTaken: changed });
  const platformWatch = openPlatformWatch({
    state,
    shops,
    blobs,
    hookups,
    changes,
    inventories,
    privacy,
    book: vendorBook,
    observations,
    clock,
  });
  /** The sample shop whose simulated platform has this domain: it reaches Loupe under a name of its own. */
  function sampleOf(domain: string) {
    return options.samples.map((sample) => sample.platform).find((one) => one?.domain === domain) ?? null;
  }
  const sender = openAskSender({
    state,
    asks,
    shops,
    register,
    mailer,
    clock,
    onError,
    publicBase,
    localBase: () => `http://127.0.0.1:${portOf()}`,
  });
  const feedBook = openFeedBook({
    state,
    keeper,
    clock,
    async onChanged(tx, feed, load) {
      await feedLoads.follow(tx, feed, load);
      await shopWindows.follow(tx, feed);
    },
  });
  const drops = openDrops({ state, keeper, folder: join(options.feedFolder, 'drops'), clock });
  const feedLoads: FeedLoads = openFeedLoads({
    state,
    jobs,
    blobs,
    keeper,
    book: feedBook,
    drops,
    folder: options.feedFolder,
    reachOf,
    clock,
    onGood: (tx, feed) => shopWindows.request(tx, feed),
    onLoaded: changed,
  });
  const live = liveMethods({ state, book: feedBook, reachOf, clock, onSeen: changed });
  const shopWindows: ShopWindows = openShopWindows({
    state,
    jobs,
    keeper,
    book: feedBook,
    folder: options.windowFolder,
    feedFolder: options.feedFolder,
    clock,
    onPublished: (tx, shopId) => windowHooks.announce(tx, shopId),
    appendLeaves: () => relayOf().drain(),
    onError,
  });
  const windowHooks = openWindowHooks({ state, jobs, keeper, reachOf, clock });
  const inspections = openInspections({
    state,
    jobs,
    keeper,
    book: feedBook,
    loads: feedLoads,
    folder: options.feedFolder,
    clock,
  });
  const listSamples = openListSamples({ state, jobs, drops, reachOf, clock });
  const releases = openReleases(state, clock);
  const feedWatch = openFeedWatch({
    state,
    shops,
    blobs,
    feedBook,
    feedLoads,
    vendorBook,
    observations,
    clock,
  });
  const outbound = openOutbound({ ...options.anchorReach, userAgent });
  const anchors = openAnchors(state, keeper, outbound, options.anchors, clock);
  const book = openAnswerBook(observations, register, connections, clock);

  return {
    drops,
    live,
    keeper,
    reachOf,
    jobs,
    jobKinds: [
      looks,
      vendorLooks,
      papers.job,
      news,
      readings,
      feedLoads,
      shopWindows,
      listSamples,
      inspections,
      windowHooks,
    ],
    blobs,
    people,
    grants,
    shops,
    observations,
    uploads,
    register,
    connections,
    decisions,
    responsibilities,
    papers,
    news,
    vendorBook,
    vendorLooks,
    watch,
    changed,
    judges,
    questionnaires,
    asks,
    replies,
    messages,
    actions,
    conversation,
    looks,
    hookups,
    readings,
    deliveries,
    changes,
    inventories,
    privacy,
    feedBook,
    feedLoads,
    releases,
    shopWindows,
    listSamples,
    inspections,
    windowHooks,
    mailer,
    alarms,
    publicBase,
    sender,
    anchors,
    book,
  };
}
