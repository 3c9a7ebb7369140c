// The position of the device and the grid it lies in. Browsers give WGS 84.
import { Crs } from "../../gen/gongzhi/grid/v1/grid_pb.ts";
import { grids } from "../../rpc/clients.ts";
import type { Position } from "./draft.ts";

/** Asks the device where it is and grid which grid that is; fails where the device does not tell. */
export async function locate(): Promise<Position> {
  const { longitude, latitude } = await devicePosition();
  const answer = await grids.locatePlace({ longitude, latitude, crs: Crs.WGS84 });
  return { longitude: answer.longitude, latitude: answer.latitude, gridId: answer.grid?.gridId ?? "", gridName: answer.grid?.name ?? "" };
}

function devicePosition(): Promise<GeolocationCoordinates> {
  return new Promise((resolve, reject) => {
    if (!("geolocation" in navigator)) return reject(new Error("this device tells no position"));
    navigator.geolocation.getCurrentPosition(({ coords }) => resolve(coords), reject, { enableHighAccuracy: true, timeout: 10_000 });
  });
}
