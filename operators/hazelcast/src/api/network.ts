import { k } from '@binnacle/schema';
import { z } from 'zod';

/** Clients outside the cluster. Nothing set: not exposed. */
export const exposeExternally = z.object({
  type: z.enum(['Smart', 'Unisocket']).default('Smart').describe('Smart: clients reach each member by an address of its own. Unisocket: through one address.'),
  // Free text in the kind this replaces; anything but these two is refused at admission.
  discoveryServiceType: z.string().default('LoadBalancer').describe('Type of the main Service: `LoadBalancer` or `NodePort`.'),
  memberAccess: z
    .enum(['NodePortExternalIP', 'NodePortNodeName', 'LoadBalancer'])
    .optional()
    .describe('Smart only: how members are reached. Absent: NodePortExternalIP.'),
});

const endpoint = z.object({ interfaces: z.array(z.string()).optional().describe('Network interfaces to bind, e.g. `10.10.1.*`.') });

export const advancedNetwork = z.object({
  memberServerSocketEndpointConfig: endpoint.optional().describe('Traffic between members.'),
  clientServerSocketEndpointConfig: endpoint.optional().describe('Traffic of clients.'),
  wan: z
    .array(
      z.object({
        port: k.int32().min(0).optional().describe('First port.'),
        portCount: k.int32().min(0).optional().describe('How many ports from the first on.'),
        serviceType: z.string().optional().describe('`LoadBalancer` (default) or `ClusterIP`.'),
        name: z.string().max(8).optional().describe('Name of the endpoint; part of the name of its Service.'),
      }),
    )
    .optional()
    .describe('Endpoints for other clusters that replicate here.'),
});

export const tls = z.object({
  secretName: z.string().describe('Secret with `tls.crt`, `tls.key` and, where more than that certificate is to be trusted, `ca.crt`.'),
  mutualAuthentication: z.enum(['None', 'Required', 'Optional']).default('None').describe('Whether clients must show a certificate.'),
});

export const managementCenter = z.object({
  scriptingEnabled: z.boolean().default(false).describe('Let Management Center run scripts on members.'),
  consoleEnabled: z.boolean().default(false).describe('Let Management Center run console commands on members.'),
  dataAccessEnabled: z.boolean().default(false).describe('Let Management Center read data.'),
});
