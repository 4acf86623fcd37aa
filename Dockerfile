# Build: everything, then what only building needs is left behind.
FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY nest-cli.json bundle.js tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN npm run build

# The image brings its own Node, so the pinned one is left out here.
FROM node:24-slim AS modules
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts

FROM node:24-slim
WORKDIR /app
ENV NODE_ENV=production PORT=8000 DATABASE_URL=file:/data/bridge.db MEDIA_DIR=/data/media
# By itself the C library keeps a pool of memory for each of a dozen threads, mostly unused.
ENV MALLOC_ARENA_MAX=4
COPY --from=modules /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json ./
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 8000}/health`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--max-old-space-size=256", "--max-semi-space-size=8", "dist/main.js"]
