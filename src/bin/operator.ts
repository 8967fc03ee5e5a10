// The line from the command line to the Loupe that runs here.
import type { Json } from '#kernel';
import { type Channel, openChannel } from '#plane';
import { type Settings, socketsOf } from './settings.ts';

/** Asks the control that runs here, on its operator's socket. Throws what it throws; `plane/unreachable` where none runs. */
export async function askControl(
  settings: Settings,
  act: (channel: Channel) => Promise<Json>,
): Promise<Json> {
  const channel = openChannel(socketsOf(settings).operator);
  try {
    return await act(channel);
  } finally {
    channel.close();
  }
}
