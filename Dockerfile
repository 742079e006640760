# The one image of Copepod: operator, runtime pod and CLI. `make image` builds it.
# The last stage is one layer without a package manager, npm or build tools; the shell stays, for kubectl exec.
ARG BASE_IMAGE=node:26-bookworm-slim

FROM ${BASE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Behind a network that inspects TLS: --secret id=ca,src=CA.pem. The packages of the product go to /production.
# isolated-vm includes its sources and an addon for every platform; only one file is used. Types, source maps and
# manuals are not needed at run time (licences stay), nor is esbuild: `copepod build` is run by authors, not in the cluster.
RUN --mount=type=secret,id=ca \
    if [ -f /run/secrets/ca ]; then export NODE_EXTRA_CA_CERTS=/run/secrets/ca; fi; \
    npm install --no-save --loglevel=error \
    && mkdir /production && cp package.json package-lock.json .npmrc /production && cd /production \
    && npm install --no-save --omit=dev --prefer-offline --loglevel=error && rm -rf ~/.npm \
    && addon="linux-$(node -p process.arch)/isolated-vm.abi$(node -p process.versions.modules).glibc.node" \
    && find node_modules/isolated-vm/prebuilds -type f ! -path "*/$addon" -delete \
    && find node_modules -type f \( -name '*.map' -o -name '*.d.*ts' -o -name '*.md' \) ! -iname 'licen[cs]e*' -delete \
    && rm -rf node_modules/esbuild node_modules/@esbuild node_modules/.bin/esbuild \
    && cd node_modules/isolated-vm && rm -rf ./*.tgz src vendor native-example
COPY tsconfig.json tsconfig.build.json ./
COPY scripts scripts
COPY crds crds
COPY src src
RUN PATH=/app/node_modules/.bin:$PATH npm run --silent build

FROM ${BASE_IMAGE} AS root
RUN echo 'copepod:x:65532:65532::/tmp:/usr/sbin/nologin' >>/etc/passwd \
    && ln -s /app/dist/cli/main.js /usr/local/bin/copepod \
    && rm -rf /usr/local/lib/node_modules /usr/local/include /usr/local/share /usr/local/bin/npm /usr/local/bin/npx \
      /usr/local/bin/corepack /usr/local/bin/yarn* /opt/yarn* ~/.npm /tmp/* \
      /usr/share/doc /usr/share/man /usr/share/info /usr/share/locale /usr/share/lintian /usr/share/zoneinfo \
      /usr/lib/*/perl-base /usr/share/perl5 /usr/bin/perl* /usr/lib/*/gconv \
      /usr/lib/apt /usr/lib/*/libapt-* /usr/bin/apt* /usr/bin/dpkg* /usr/lib/dpkg /usr/share/dpkg \
      /var/lib/apt /var/cache /var/log /var/lib/dpkg/info /var/lib/dpkg/*-old \
    && mkdir -p /var/cache /var/log
COPY --from=build /production/node_modules /app/node_modules
COPY --from=build /app/crds /app/crds
COPY --from=build /app/dist /app/dist
COPY package.json LICENSE /app/

FROM scratch
COPY --from=root / /
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin NODE_ENV=production
WORKDIR /app
USER 65532:65532
ENTRYPOINT ["copepod"]
