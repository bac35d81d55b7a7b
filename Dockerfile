# The operators' image: docker build -t binnacle/operator:0.1.0 .
# What is in it is said in e2e/cluster/images/operator.ts; this and the builder beside it lay down the same files.
FROM node:24.21.0-bookworm-slim AS build
WORKDIR /src
COPY . .
RUN npm ci --no-audit --no-fund && npm exec -- node --disable-warning=ExperimentalWarning e2e/cluster/images/unpack.ts /image

FROM scratch
COPY --from=build /image/ /
WORKDIR /app
USER 65532:65532
ENTRYPOINT ["/usr/local/bin/node", "/app/apps/binnacle/src/main.js"]
