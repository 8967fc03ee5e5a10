export { addressGate, isPublicAddress, networkList } from './address.ts';
export type { DnsAnswer, DnsRecord, RecordType } from './dns.ts';
export { type EgressBounds, type EgressProxy, openEgressProxy, type Reached } from './egress-proxy.ts';
export { OUTBOUND_ERRORS, outboundError } from './errors.ts';
export { type Failure, type FailureKind, FAILURES } from './failure.ts';
export {
  type CertificateSeen,
  type Download,
  DownloadError,
  type DownloadOptions,
  type Exchange,
  headerValues,
  type RequestOptions,
  type TlsSeen,
} from './http.ts';
export { openOutbound, type Outbound, type OutboundPolicy } from './outbound.ts';
