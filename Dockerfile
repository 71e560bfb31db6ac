# Debian, since the native parts of Node and PostgreSQL want glibc.
FROM node:26-slim

WORKDIR /opt/parley

# The optional packages are the Node and the PostgreSQL of a checkout; here both come from elsewhere.
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --omit=optional --no-audit --no-fund && npm cache clean --force

# What .dockerignore lets through: the sources, as they run.
COPY . .
RUN ln -s /opt/parley/scripts/parley.mjs /usr/local/bin/parley \
  && install --directory --owner=node --group=node --mode=0700 /var/lib/parley

ENV NODE_ENV=production PARLEY_HOST=0.0.0.0 PARLEY_PORT=4000 PARLEY_DATA=/var/lib/parley
VOLUME /var/lib/parley
EXPOSE 4000
USER node

HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD [ "node", "-e", \
  "fetch(`http://127.0.0.1:${process.env.PARLEY_PORT}/readyz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))" ]

CMD ["node", "server/main.ts"]
