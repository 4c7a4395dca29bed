/** What a subcluster can reach, as `listCaps` tells it. */
import type { KRef, SubclusterId, VatId } from '@ocap/kernel-utils';
import type { IoSpec } from './kernel-api.ts';

/** Something that a subcluster can reach. */
export type Capability = Readonly<{
  kref: KRef;
  heldBy: readonly VatId[];
  /** Petnames that the operator has for it. */
  names: readonly string[];
  /** `live`, or why it cannot be called from there. */
  state: string;
  /** For a service: which, and the methods that it is limited to. */
  service?: string;
  methods?: readonly string[];
  /** For an IO channel: its name in the config, and its type. */
  io?: Readonly<{ name: string; type: IoSpec['type'] }>;
  /** For an object: the vat that answers for it. */
  owner?: Readonly<{ vat: VatId; name: string; subclusterId: SubclusterId }>;
  /** For an object of another kernel: its peer id. */
  peer?: string;
  /** `own`: of the same subcluster. `launch`: a service that its config asked for. */
  origin: 'own' | 'launch' | 'grants';
  /** From whom it came; `revoke` takes their ids. `at` is in epoch ms. */
  grants: readonly Readonly<{
    id: string;
    /** A subcluster id, `client`, `launch` or `kernel`. */
    giver: string;
    via: string;
    at: number;
    revoked: boolean;
  }>[];
}>;

export type CapabilityReport = Readonly<{
  subclusterId: SubclusterId;
  vats: readonly Readonly<{
    id: VatId;
    name: string;
    globals: readonly string[];
    /** What its `fetch` reaches, if it has one. */
    allowedHosts?: readonly string[];
  }>[];
  caps: readonly Capability[];
}>;
