import { execFile, execFileSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import {
  apiClient,
  eventually,
  filesWith,
  type Installation,
  startInstallation,
} from '../support/installation.ts';
import { optional } from '../support/optional.ts';

const folder = () => mkdtempSync(join(tmpdir(), 'lp-'));

function loupe(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['src/bin/loupe.ts', ...args],
      { timeout: 60_000, env: { ...process.env, ...environment } },
      (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
      },
    );
  });
}

function configIn(dir: string, text: string): string {
  const path = join(dir, 'loupe.yaml');
  writeFileSync(path, `dataDir: ./data\nlisten: { port: 0 }\n${text}`);
  return path;
}

describe('a start that cannot succeed says why in one line and leaves nothing running', () => {
  it('with a wrong config: file, line, key and what was expected', async () => {
    const path = configIn(folder(), 'look:\n  browsr: off\n');
    const { code, stderr } = await loupe(['--config', path, 'start']);
    expect(code).toBe(2);
    expect(stderr).toBe(`${path}:4: look.browsr: no such key here\nNothing was started.\n`);
    expect(existsSync(join(path, '..', 'data'))).toBe(false);
  });

  it('with a config that is not there', async () => {
    const { code, stderr } = await loupe(['--config', '/none/loupe.yaml', 'start']);
    expect(code).toBe(2);
    expect(stderr).toContain('[config/unreadable]');
  });

  it('with a busy port', async () => {
    const busy = createServer();
    await new Promise<void>((resolve) => busy.listen(0, '127.0.0.1', resolve));
    const { port } = busy.address() as { port: number };
    const dir = folder();
    const path = join(dir, 'loupe.yaml');
    writeFileSync(path, `listen: { port: ${port} }\n`);
    const { code, stderr } = await loupe(['--config', path, 'start']);
    busy.close();
    expect(code).toBe(3);
    expect(stderr.trim().split('\n').at(-1)).toMatch(/taken by another program.*\[control\/busy-port\]/u);
  });

  it('with the root key gone: no new key is made over existing data', async () => {
    const first = await startInstallation({ samples: false });
    await first.stop();
    rmSync(join(first.folder, 'data.key'));
    const { code, stderr } = await loupe(['--config', first.configFile, 'start']);
    expect(code).toBe(3);
    expect(stderr).toContain('[start/key-gone]');
    expect(existsSync(join(first.folder, 'data.key'))).toBe(false);
  });

  it('with a root key that others can read', async () => {
    const first = await startInstallation({ samples: false });
    await first.stop();
    chmodSync(join(first.folder, 'data.key'), 0o644);
    const { code, stderr } = await loupe(['--config', first.configFile, 'start']);
    expect(code).toBe(3);
    expect(stderr).toContain('[crypto/root-key-unsafe]');
  });

  it('on a data folder that another Loupe uses', async () => {
    const first = await startInstallation({ samples: false });
    const { code, stderr } = await loupe(['--config', first.configFile, 'start']);
    await first.stop();
    expect(code).toBe(3);
    expect(stderr).toContain('[storage/in-use]');
  });

  it('in a folder that cannot be written', async () => {
    const path = join(folder(), 'loupe.yaml');
    writeFileSync(path, 'dataDir: /proc/loupe\n');
    const { code, stderr } = await loupe(['--config', path, 'start']);
    expect(code).toBe(3);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});

describe('a running Loupe', () => {
  let installation: Installation | undefined;
  afterEach(async () => {
    await installation?.stop();
    installation = undefined;
  });

  async function lookedAt(running: Installation) {
    const owner = apiClient(running);
    await owner.call('POST', '/api/v1/claim', { token: running.setupToken });
    const added = await owner.call('POST', '/api/v1/shops', { address: 'bergstrom-jewelers.test' });
    const shop: string = added.json.shop.id;
    return { owner, shop, look: String(added.json.look) };
  }

  it('does its work in the background: every thread of the worker takes what others leave', async () => {
    installation = await startInstallation();
    const tasks = `/proc/${installation.pidOf('worker')}/task`;
    const niceness = readdirSync(tasks).map((thread) => {
      // proc(5): the name may hold spaces, what follows it may not; niceness is the nineteenth field.
      const [, after = ''] = /\) ([^\n]*)/u.exec(readFileSync(join(tasks, thread, 'stat'), 'utf8')) ?? [];
      return Number(after.split(' ')[16]);
    });
    expect(niceness.length).toBeGreaterThan(4);
    expect(new Set(niceness)).toEqual(new Set([19]));
  });

  it('loses no acknowledged record when its processes are killed -9 in the middle of a look, one after another', async () => {
    installation = await startInstallation();
    const { owner, shop, look } = await lookedAt(installation);
    for (const name of ['worker', 'keeper', 'control'] as const) {
      installation.kill(name);
      await eventually(async () => (await owner.call('GET', '/api/v1/me')).status === 200);
    }
    await eventually(
      async () => (await owner.call('GET', `/api/v1/shops/${shop}/looks/${look}`)).json.state === 'done',
      90_000,
    );
    const observations = await eventually(async () => {
      const { json } = await owner.call('GET', `/api/v1/shops/${shop}/observations?limit=200`);
      const held = await Promise.all(
        json.observations.map(
          async (o: { id: string }) =>
            (await owner.call('GET', `/api/v1/shops/${shop}/observations/${o.id}`)).json,
        ),
      );
      return held.length > 0 && held.every((o) => o.leaf !== null) ? held : null;
    });
    const leaves = observations.map((o) => o.leaf);
    expect(new Set(leaves).size).toBe(leaves.length);
    const verified = await loupe(['--config', installation.configFile, 'ledger', 'verify', '--json']);
    expect(verified.code).toBe(0);
    const log = JSON.parse(verified.stdout).find((l: { log: string }) => l.log === shop);
    // Two records for the shop itself and its owner's part, then one for each observation, each once.
    expect(log).toMatchObject({ size: observations.length + 2, problems: [] });
  }, 150_000);

  it('proves a record in a file that anybody checks offline', async () => {
    installation = await startInstallation();
    const { owner, shop, look } = await lookedAt(installation);
    await eventually(
      async () => (await owner.call('GET', `/api/v1/shops/${shop}/looks/${look}`)).json.state === 'done',
      40_000,
    );
    const q1 = (await owner.call('GET', `/api/v1/shops/${shop}/answers`)).json.answers[0];
    const id = q1.checks[0].observation;
    const held = await eventually(async () => {
      const { json } = await owner.call('GET', `/api/v1/shops/${shop}/observations/${id}`);
      return json.leaf === null ? null : json;
    });
    const file = join(installation.folder, 'p.tlog-proof');
    writeFileSync(
      file,
      (await loupe(['--config', installation.configFile, 'ledger', 'prove', shop, String(held.leaf)])).stdout,
    );
    const good = await loupe(['ledger', 'verify', file, '--key', held.key]);
    expect(good.code).toBe(0);
    expect(good.stdout).toContain('This is a SAMPLE.');
    writeFileSync(file, readFileSync(file, 'utf8').replace(/^index \d+/mu, 'index 1'));
    expect((await loupe(['ledger', 'verify', file, '--key', held.key])).code).toBe(1);

    const answers = await loupe(['--config', installation.configFile, 'answers', '--json']);
    expect(JSON.parse(answers.stdout)).toMatchObject({
      shop,
      answers: expect.arrayContaining([expect.objectContaining({ id: 'Q3', state: 'no' })]),
    });
    expect(answers.code).toBe(1);
  }, 90_000);

  it('writes no secret to a log or a file: token, password, root key, second factor', async () => {
    installation = await startInstallation();
    const owner = apiClient(installation);
    await owner.call('POST', '/api/v1/claim', { token: installation.setupToken });
    const password = 'seven stones in a very particular ring';
    await owner.call('PUT', '/api/v1/me/credentials', { name: 'Anna', email: 'anna@one.example', password });
    await owner.call('POST', '/api/v1/session', { email: 'anna@one.example', password: `${password}!` });
    const begun = await owner.call('POST', '/api/v1/me/second-factor');
    const rootKey = readFileSync(join(installation.folder, 'data.key'), 'utf8').trim().split(' ')[1]!;
    const session = owner.cookie().split('=')[1]!;
    const secrets = [installation.setupToken!, password, rootKey, session, begun.json.secret].filter(
      (s) => s !== undefined && s !== '',
    );
    expect(secrets.length).toBeGreaterThanOrEqual(4);
    await installation.stop();
    expect(filesWith(join(installation.folder, 'data'), secrets)).toEqual([]);
    const printed = installation.output().replace(`/claim#${installation.setupToken}`, '');
    for (const secret of secrets) expect(printed).not.toContain(secret);
    installation = undefined;
  }, 60_000);

  it('starts again where it was, and asks nobody to set it up twice', async () => {
    const first = await startInstallation({ samples: false });
    const owner = apiClient(first);
    await owner.call('POST', '/api/v1/claim', { token: first.setupToken });
    await owner.call('PUT', '/api/v1/me/credentials', {
      name: 'Anna',
      email: 'anna@one.example',
      password: 'seven stones in a ring',
    });
    expect(await first.stop('SIGINT')).toBe(0);
    installation = await startInstallation({ folder: first.folder, samples: false });
    expect(installation.setupToken).toBeNull();
  }, 60_000);
});

const FAKETIME = '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1';

describe.runIf(optional('libfaketime', existsSync(FAKETIME)))(
  'a clock that steps under running processes',
  () => {
    it('set back does not make stale answers fresh; set forward turns them Unknown', async () => {
      const clockFile = join(folder(), 'clock');
      const step = (by: string) => writeFileSync(clockFile, `${by}\n`);
      step('+0');
      const installation = await startInstallation({
        environment: {
          LD_PRELOAD: FAKETIME,
          FAKETIME_TIMESTAMP_FILE: clockFile,
          FAKETIME_NO_CACHE: '1',
          FAKETIME_DONT_FAKE_MONOTONIC: '1',
        },
      });
      try {
        const owner = apiClient(installation);
        await owner.call('POST', '/api/v1/claim', { token: installation.setupToken });
        const added = await owner.call('POST', '/api/v1/shops', { address: 'maison-aurora.test' });
        const shop: string = added.json.shop.id;
        await eventually(
          async () =>
            (await owner.call('GET', `/api/v1/shops/${shop}/looks/${added.json.look}`)).json.state === 'done',
          60_000,
        );
        const fresh = async () => {
          const { stdout } = await loupe(['--config', installation.configFile, 'answers', '--json'], {
            LD_PRELOAD: FAKETIME,
            FAKETIME_TIMESTAMP_FILE: clockFile,
          });
          const q1 = JSON.parse(stdout).answers.find((a: { id: string }) => a.id === 'Q1');
          return q1.checks.filter((c: { observation: string | null }) => c.observation !== null).length;
        };
        const at = async () => (await owner.call('GET', `/api/v1/shops/${shop}/answers`)).json.at as number;
        expect(await fresh()).toBeGreaterThan(0);
        const before = await at();
        step('-1h');
        expect(await at()).toBeGreaterThanOrEqual(before);
        step('+2d');
        expect(await fresh()).toBe(0);
      } finally {
        await installation.stop();
      }
    }, 120_000);
  },
);

/** A small file system of the test's own, where this account may mount one. */
function smallDisk(): string | null {
  const place = folder();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', place], { stdio: 'ignore' });
    return place;
  } catch {
    return null; // not allowed here: the caller skips
  }
}

const disk = smallDisk();
describe.runIf(optional('a file system to fill (needs root)', disk !== null))('a disk that fills up', () => {
  afterAll(() => {
    if (disk !== null) execFileSync('umount', ['-l', disk], { stdio: 'ignore' });
  });

  it('is survived and said; what was acknowledged stays, and Loupe goes on when there is space', async () => {
    const configDir = folder();
    const installation = await startInstallation({
      folder: configDir,
      samples: false,
      dataDir: join(disk!, 'data'),
    });
    try {
      const owner = apiClient(installation);
      await owner.call('POST', '/api/v1/claim', { token: installation.setupToken });
      const first = await owner.call('POST', '/api/v1/shops', { address: 'https://one.example' });
      expect(first.status).toBe(201);
      const hog = join(disk!, 'hog');
      const fd = openSync(hog, 'w');
      let full = false;
      while (!full) {
        try {
          writeSync(fd, Buffer.alloc(4096, 1));
        } catch {
          full = true; // ENOSPC: just what was wanted
        }
      }
      closeSync(fd);
      const codes = new Set<string>();
      for (let n = 0; n < 60 && codes.size === 0; n++) {
        const answer = await owner.call('POST', '/api/v1/shops', { address: `https://shop${n}.example` });
        if (answer.status !== 201) codes.add(answer.json.code);
      }
      expect([...codes]).toEqual(['storage/disk-full']);
      expect((await owner.call('GET', `/api/v1/shops/${first.json.shop.id}`)).status).toBe(200);
      rmSync(hog);
      await eventually(
        async () =>
          (await owner.call('POST', '/api/v1/shops', { address: 'https://after.example' })).status === 201,
      );
      const verified = await eventually(async () => {
        const { code, stdout } = await loupe([
          '--config',
          installation.configFile,
          'ledger',
          'verify',
          '--json',
        ]);
        return (
          code === 0 &&
          JSON.parse(stdout).some(
            (l: { log: string; size: number }) => l.log === first.json.shop.id && l.size >= 2,
          )
        );
      });
      expect(verified).toBe(true);
    } finally {
      await installation.stop();
    }
  }, 120_000);
});
