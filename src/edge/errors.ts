import { errorsOf, systemCode } from '#kernel';

export const EDGE_ERRORS = {
  'edge/bad-policy': {
    says: 'A snapshot holds a policy that this edge cannot work from.',
    hint: 'The policy in force stays. Correct the route that is named, or bring control and edge to the same release.',
  },
  'edge/bad-certificate': {
    says: 'A certificate and its key cannot be used.',
    hint: 'Check that the file holds the whole chain, leaf first, and that the key belongs to it.',
  },
  'edge/busy-port': {
    says: 'The port is taken.',
    hint: 'Stop whatever holds it, or give the edge another port in the config file.',
  },
  'edge/no-pack': {
    says: 'The policy names a rule pack of the firewall that this edge cannot get.',
    hint: 'The shop goes on by the rules it had. Import the pack again, and choose it again.',
  },
  'edge/spool-damaged': {
    says: 'A segment of the spool of events cannot be read.',
    hint: 'It was set aside and its events are counted as a gap. Check the disk.',
  },
} as const;

export const edgeError = errorsOf(EDGE_ERRORS);

/** What listening failed of; a port that is taken in words of ours. */
export function busyPort(error: Error, place: { readonly host: string; readonly port: number }): Error {
  if (systemCode(error) !== 'EADDRINUSE') return error;
  return edgeError('edge/busy-port', { details: { host: place.host, port: place.port }, cause: error });
}
