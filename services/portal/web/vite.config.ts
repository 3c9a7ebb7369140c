import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// During development the portal itself answers what is not a page; PORTAL_URL says where it listens.
const portal = process.env.PORTAL_URL ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react()],
  build: {
    target: "es2022",
    chunkSizeWarningLimit: 700,
  },
  server: {
    proxy: { "/grpc": portal, "/session": portal },
  },
});
