#!/usr/bin/env bash
# Installs what the stories on a real cluster need, but for Go and Node. No service is started by it on a machine without systemd; with systemd, containerd,
# MariaDB and Prometheus start as Debian has it: `systemctl disable --now containerd mariadb prometheus` stops them again, the stories use none of these.
set -euo pipefail
apt-get update -q
apt-get install -y -q --no-install-recommends \
  containerd runc containernetworking-plugins nftables iptables conntrack iproute2 ethtool socat util-linux \
  busybox openssl curl openjdk-17-jdk-headless maven \
  mariadb-server mariadb-client python3-mysqldb prometheus
