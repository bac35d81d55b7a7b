#!/usr/bin/env bash
# Process 1 of a node: mounts what must be the node's own, then runs containerd, kubelet and kube-proxy; on node 0 the control plane too.
# The driver (node.ts) makes the namespaces and wires the network; it passes NODE INDEX ADDRESS API FOLDER PKI KUBERNETES IMAGES.
# Settings and why: docs/testing.md, "A node of one's own".
set -u
here=$FOLDER
api=https://$API:6443

# --- what the node sees of the machine's files
mount --make-rprivate /
mount -t proc proc /proc
# The kubelet and kube-proxy set these for the whole machine. They are shown the values they want, so they write none.
shown() { printf '%s\n' "$2" > "$here/run/sysctl-${1##*/}"; mount --bind "$here/run/sysctl-${1##*/}" "/proc/sys/$1"; }
shown vm/overcommit_memory 1
shown vm/panic_on_oom 0
shown kernel/panic 10
shown kernel/panic_on_oops 1
shown kernel/keys/root_maxkeys 1000000
shown kernel/keys/root_maxbytes 25000000
mkdir -p "$here"/{kubelet,logs,cni,cni-state,volumes,images} /var/lib/kubelet /var/lib/cni
hostname "$NODE"
mount --make-rshared /
mount --bind "$here/logs" /var/log
mount --bind "$here/kubelet" /var/lib/kubelet && mount --make-rshared /var/lib/kubelet
mount --bind "$here/cni-state" /var/lib/cni
mount -t tmpfs -o mode=755 tmpfs /srv
for n in $(seq 0 15); do mkdir -p "$here/volumes/$n" "/srv/volume-$n"; chmod 777 "$here/volumes/$n"; mount --bind "$here/volumes/$n" "/srv/volume-$n"; done
until [ -e "$here/run/wired" ]; do sleep 0.02; done
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/containerd /run/netns /run/lock
mount --make-rshared /run

# As a machine's service manager does: what ends is started again. A kubelet does end when containerd still recovers.
run() { local name=$1; shift; while :; do "$@"; sleep 1; done >> "$here/log/$name.log" 2>&1 < /dev/null & }
answers() { curl -sf --max-time 2 --cacert "$PKI/ca.crt" "$api/readyz" > /dev/null 2>&1; }

# --- control plane
if [ "$INDEX" = 0 ]; then
  run etcd "$KUBERNETES" etcd --data-dir="$here/etcd" --unsafe-no-fsync --log-level=warn \
    --listen-client-urls=http://127.0.0.1:2379 --advertise-client-urls=http://127.0.0.1:2379 \
    --listen-peer-urls=http://127.0.0.1:2380 --initial-advertise-peer-urls=http://127.0.0.1:2380 --initial-cluster=default=http://127.0.0.1:2380
  # An API server that finds no etcd gives up after a while.
  until curl -sf --max-time 2 http://127.0.0.1:2379/health > /dev/null 2>&1; do sleep 0.1; done
  run kube-apiserver "$KUBERNETES" kube-apiserver --etcd-servers=http://127.0.0.1:2379 --secure-port=6443 --bind-address=0.0.0.0 \
    --advertise-address="$ADDRESS" --tls-cert-file="$PKI/apiserver.crt" --tls-private-key-file="$PKI/apiserver.key" --client-ca-file="$PKI/ca.crt" \
    --authorization-mode=Node,RBAC --enable-admission-plugins=NodeRestriction,OwnerReferencesPermissionEnforcement \
    --kubelet-client-certificate="$PKI/kubelet-client.crt" --kubelet-client-key="$PKI/kubelet-client.key" \
    --kubelet-certificate-authority="$PKI/ca.crt" --kubelet-preferred-address-types=InternalIP \
    --service-account-key-file="$PKI/sa.key" --service-account-signing-key-file="$PKI/sa.key" \
    --service-account-issuer=https://kubernetes.default.svc --service-cluster-ip-range=10.96.0.0/16 --allow-privileged=true \
    --audit-policy-file="$PKI/audit.yaml" --audit-log-path="$here/log/audit.log" --audit-log-maxsize=0
fi

# --- containers
cat > "$here/cni/10-pods.conflist" <<CNI
{"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "bridge": "cni0", "isGateway": true, "ipMasq": false, "hairpinMode": true,
  "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.244.$INDEX.0/24"}]], "routes": [{"dst": "0.0.0.0/0"}]}},
  {"type": "portmap", "capabilities": {"portMappings": true}}]}
CNI
cat > "$here/containerd.toml" <<TOML
version = 2
root = "$here/containerd"
state = "/run/containerd"
[grpc]
  address = "/run/containerd/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "docker.io/binnacle/pause:e2e"
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "$here/cni"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
TOML
run containerd containerd -c "$here/containerd.toml"
# Pods wait for the archives they need by the kubelet's own back-off, so the smallest come first.
import() {
  until [ -S /run/containerd/containerd.sock ]; do sleep 0.05; done
  while read -r archive; do
    grep -qxF "$archive" "$here/images/done" 2>/dev/null || { ctr -n k8s.io images import "$archive" && echo "$archive" >> "$here/images/done"; } || exit 1
  done < "$IMAGES"
  touch "$here/run/imported"
}
import > "$here/log/import.log" 2>&1 &

until answers; do sleep 0.1; done
if [ "$INDEX" = 0 ]; then
  run kube-controller-manager "$KUBERNETES" kube-controller-manager --kubeconfig="$PKI/controller-manager.kubeconfig" \
    --service-account-private-key-file="$PKI/sa.key" --root-ca-file="$PKI/ca.crt" --use-service-account-credentials=true --leader-elect=false \
    --secure-port=0 --node-monitor-grace-period="$GRACE"
  run kube-scheduler "$KUBERNETES" kube-scheduler --kubeconfig="$PKI/scheduler.kubeconfig" --leader-elect=false --secure-port=0
fi

# --- kubelet and kube-proxy
if [ -f /sys/fs/cgroup/cgroup.controllers ]; then # version 2: the root hands its controllers down
  for controller in cpuset cpu io memory hugetlb pids; do echo "+$controller" > /sys/fs/cgroup/cgroup.subtree_control; done 2>/dev/null
  mkdir -p "/sys/fs/cgroup/$NODE"
else # version 1: a root of the node's own in each hierarchy
  for hierarchy in cpu cpuacct cpuset memory devices freezer blkio pids systemd hugetlb; do
    [ -d "/sys/fs/cgroup/$hierarchy" ] && mkdir -p "/sys/fs/cgroup/$hierarchy/$NODE"
  done
  for what in cpus mems; do cat "/sys/fs/cgroup/cpuset/cpuset.$what" > "/sys/fs/cgroup/cpuset/$NODE/cpuset.$what"; done
fi
cat > "$here/kubelet.yaml" <<YAML
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
address: 0.0.0.0
tlsCertFile: $PKI/$NODE.crt
tlsPrivateKeyFile: $PKI/$NODE.key
authentication: {anonymous: {enabled: false}, webhook: {enabled: true}, x509: {clientCAFile: $PKI/ca.crt}}
authorization: {mode: Webhook}
cgroupDriver: cgroupfs
cgroupRoot: /$NODE
failCgroupV1: false
failSwapOn: false
clusterDNS: [10.96.0.10]
clusterDomain: cluster.local
resolvConf: ""
enforceNodeAllocatable: [pods]
nodeStatusUpdateFrequency: 2s
imageGCHighThresholdPercent: 100
evictionHard: {memory.available: 100Mi, nodefs.available: 1%, imagefs.available: 1%}
seccompDefault: true
serializeImagePulls: false
YAML
run kubelet "$KUBERNETES" kubelet --config="$here/kubelet.yaml" --kubeconfig="$PKI/$NODE.kubeconfig" --hostname-override="$NODE" --node-ip="$ADDRESS"
cat > "$here/kube-proxy.yaml" <<YAML
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: nftables
clientConnection: {kubeconfig: $PKI/kube-proxy.kubeconfig}
clusterCIDR: 10.244.0.0/16
hostnameOverride: $NODE
conntrack: {maxPerCore: 0, min: 0}
nftables: {minSyncPeriod: 100ms}
YAML
run kube-proxy "$KUBERNETES" kube-proxy --config="$here/kube-proxy.yaml"
# Orphans of containers are ours to bury; the node ends when this process is killed.
while :; do wait; sleep 1; done
