export {
  BodyTooLarge,
  type Upstream,
  type UpstreamBody,
  type UpstreamRequest,
  type UpstreamResponse,
} from './upstream-contract.ts';
export { createNetworkUpstream, defaultNetworkLimits, type NetworkLimits } from './upstream-network.ts';
export { type AskParent, createParentUpstream, type ParentAnswer } from './upstream-parent.ts';
