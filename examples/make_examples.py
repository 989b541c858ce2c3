"""Models the example objects: a chair, a mug and a ball, as `.glb` files beside this script.

    .venv/bin/python examples/make_examples.py

Metres, Y up, front +Z, standing on Y = 0, as glTF asks. Script and objects are dedicated to the
public domain (CC0 1.0), unlike the rest of the project.
"""

import json
import struct
from pathlib import Path

import numpy as np
import trimesh

WOOD = (150, 98, 56, 255)
CLOTH = (70, 92, 110, 255)
CLAY = (196, 84, 60, 255)
RUBBER = (214, 122, 48, 255)


def sweep(path: np.ndarray, radii: np.ndarray, *, side: np.ndarray, squareness: float = 4.0):
    """A closed bar along a path.

    Args:
        path: (P, 3) centre line, metres.
        radii: (P, 2) half widths along `side` and across it, metres.
        side: (3,) direction of the first half width; need not be perpendicular to the path.
        squareness: Exponent of the cross-section's superellipse; 2 is an ellipse.
    """
    corners = 24
    angle = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    ring = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    ring = np.sign(ring) * np.abs(ring) ** (2 / squareness)
    tangent = np.gradient(path, axis=0)
    across = np.cross(tangent, side)
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    along = np.cross(across, tangent)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    offsets = ring[None, :, :] * radii[:, None, :]
    rings = path[:, None] + offsets[..., :1] * along[:, None] + offsets[..., 1:] * across[:, None]
    verts = np.concatenate([rings.reshape(-1, 3), path[:1], path[-1:]])
    return _closed(verts, _wall(len(path), corners) + _caps(len(path), corners))


def lathe(profile: np.ndarray, *, corners: int = 64):
    """A solid of revolution about Y; `profile` (P, 2) of radius and height starts and ends at 0."""
    angle = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    radius, height = profile[1:-1].T
    rings = np.stack(
        [
            radius[:, None] * np.cos(angle),
            np.broadcast_to(height[:, None], (len(radius), corners)),
            radius[:, None] * np.sin(angle),
        ],
        axis=-1,
    )
    poles = np.array([[0, profile[0, 1], 0], [0, profile[-1, 1], 0]])
    verts = np.concatenate([rings.reshape(-1, 3), poles])
    return _closed(verts, _wall(len(radius), corners) + _caps(len(radius), corners))


def _wall(rings: int, corners: int) -> list[tuple[int, int, int]]:
    """The triangles between consecutive rings."""
    faces = []
    for ring in range(rings - 1):
        for corner in range(corners):
            a = ring * corners + corner
            b = ring * corners + (corner + 1) % corners
            faces += [(a, b, b + corners), (a, b + corners, a + corners)]
    return faces


def _caps(rings: int, corners: int) -> list[tuple[int, int, int]]:
    """The fans that close both ends; the poles are the last two vertices."""
    first, last = rings * corners, rings * corners + 1
    start = (rings - 1) * corners
    around = [(corner, (corner + 1) % corners) for corner in range(corners)]
    return [(first, b, a) for a, b in around] + [(last, start + a, start + b) for a, b in around]


def _closed(verts: np.ndarray, faces: list[tuple[int, int, int]]) -> trimesh.Trimesh:
    """A mesh whose normals point outwards."""
    mesh = trimesh.Trimesh(verts, faces, process=False)
    if mesh.volume < 0:
        mesh.invert()
    return mesh


def straight(start: tuple, end: tuple, steps: int = 8) -> np.ndarray:
    """Points from `start` to `end`, both included."""
    return np.linspace(start, end, steps)


def rounded(half: tuple[float, float], steps: int, rim: float = 0.15) -> np.ndarray:
    """Half widths of a bar whose two ends are rounded over the outer `rim` of its length."""
    place = np.abs(np.linspace(-1, 1, steps))
    shrink = np.sqrt(1 - np.clip((place - 1 + rim) / rim, 0, 0.98) ** 2)
    return np.outer(shrink, half)


def chair() -> list[tuple[trimesh.Trimesh, tuple]]:
    """A dining chair: seat 0.46 m high, four legs, a leaning back of three curved slats."""
    x = np.array([1.0, 0.0, 0.0])
    parts = []
    for sign in (-1.0, 1.0):
        front = straight((sign * 0.195, 0.0, 0.19), (sign * 0.185, 0.43, 0.17))
        parts.append((sweep(front, np.linspace([0.014, 0.014], [0.02, 0.02], 8), side=x), WOOD))
        t = 1 - np.linspace(1, 0, 32) ** 2.5  # Dense above, where the post is round.
        lean = -0.17 - 0.05 * (1 - t / 0.45).clip(0) - 0.13 * ((t - 0.45) / 0.55).clip(0) ** 1.3
        post = np.stack([np.full(32, sign * 0.19), 0.92 * t, lean], axis=1)
        below_top = ((1 - t) * 0.92 / 0.017).clip(0.02, 1)
        width = np.outer(np.sqrt(1 - (1 - below_top) ** 2), (0.017, 0.02))
        parts.append((sweep(post, width, side=x), WOOD))
        rail = straight((sign * 0.187, 0.40, 0.17), (sign * 0.187, 0.40, -0.18))
        parts.append((sweep(rail, np.tile([0.012, 0.028], (8, 1)), side=x), WOOD))
    apron = straight((-0.185, 0.40, 0.165), (0.185, 0.40, 0.165))
    parts.append((sweep(apron, np.tile([0.012, 0.028], (8, 1)), side=np.array([0, 0, 1.0])), WOOD))
    seat = straight((0, 0.44, 0.225), (0, 0.44, -0.205), 32)
    parts.append((sweep(seat, rounded((0.225, 0.022), 32, 0.1), side=x, squareness=6.0), CLOTH))
    for height in (0.60, 0.72, 0.84):
        across = np.linspace(-1, 1, 24)
        behind = -0.17 - 0.13 * ((height / 0.92 - 0.45) / 0.55) ** 1.3 - 0.025 * (1 - across**2)
        slat = np.stack([0.185 * across, np.full(24, height), behind], axis=1)
        up = np.array([0.0, 1.0, 0.0])
        parts.append((sweep(slat, np.tile([0.032, 0.009], (24, 1)), side=up), WOOD))
    return parts


def mug() -> list[tuple[trimesh.Trimesh, tuple]]:
    """A mug 95 mm high and 82 mm wide, hollow, with a handle on its left (+X)."""
    outside = [(0, 0), (0.034, 0), (0.039, 0.002), (0.041, 0.006), (0.041, 0.092)]
    inside = [(0.0395, 0.095), (0.0375, 0.0935), (0.037, 0.012), (0.033, 0.007), (0, 0.006)]
    angle = np.linspace(-0.5 * np.pi, 0.5 * np.pi, 32)
    loop = np.stack(
        [0.0385 + 0.031 * np.cos(angle) ** 0.7, 0.048 + 0.029 * np.sin(angle), 0 * angle], axis=1
    )
    handle = sweep(
        loop, np.tile([0.0065, 0.0045], (32, 1)), side=np.array([0, 0, 1.0]), squareness=2.5
    )
    return [(lathe(np.array(outside + inside)), CLAY), (handle, CLAY)]


def ball() -> list[tuple[trimesh.Trimesh, tuple]]:
    """A basketball-sized ball, 240 mm across."""
    mesh = trimesh.creation.icosphere(subdivisions=4, radius=0.12)
    mesh.apply_translation([0, 0.12, 0])
    return [(mesh, RUBBER)]


def write(name: str, parts: list[tuple[trimesh.Trimesh, tuple]], folder: Path) -> Path:
    """Write `parts` as one mesh called `name`, with one material per colour."""
    blobs, accessors, primitives = [], [], []
    colours = list(dict.fromkeys(colour for _, colour in parts))
    for index, colour in enumerate(colours):
        whole = trimesh.util.concatenate([mesh for mesh, own in parts if own == colour])
        whole.vertices[:, 1] = whole.vertices[:, 1].clip(0.0)  # Ends of slanted legs dip under.
        verts, faces = whole.vertices.astype("<f4"), whole.faces.astype("<u4").ravel()
        lowest, highest = verts.min(axis=0).tolist(), verts.max(axis=0).tolist()
        place = {"bufferView": len(blobs), "componentType": 5126, "type": "VEC3"}
        accessors.append({**place, "count": len(verts), "min": lowest, "max": highest})
        place = {"bufferView": len(blobs) + 1, "componentType": 5125, "type": "SCALAR"}
        accessors.append({**place, "count": len(faces)})
        blobs += [verts.tobytes(), faces.tobytes()]
        attributes = {"POSITION": 2 * index}
        primitives.append({"attributes": attributes, "indices": 2 * index + 1, "material": index})
    starts = np.cumsum([0, *(len(blob) for blob in blobs)]).tolist()
    content = {
        "asset": {"version": "2.0", "copyright": "CC0 1.0"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"name": name, "mesh": 0}],
        "meshes": [{"name": name, "primitives": primitives}],
        "materials": [_material(colour) for colour in colours],
        "accessors": accessors,
        "bufferViews": [
            {"buffer": 0, "byteOffset": start, "byteLength": len(blob)}
            for start, blob in zip(starts, blobs, strict=False)
        ],
        "buffers": [{"byteLength": starts[-1]}],
    }
    path = folder / f"{name}.glb"
    path.write_bytes(_binary(json.dumps(content).encode(), b"".join(blobs)))
    return path


def _material(colour: tuple) -> dict:
    """A matt material; glTF's colours are linear."""
    linear = [(value / 255) ** 2.2 for value in colour[:3]]
    look = {"baseColorFactor": [*linear, 1.0], "metallicFactor": 0.0, "roughnessFactor": 0.7}
    return {"name": "#" + bytes(colour[:3]).hex(), "pbrMetallicRoughness": look}


def _binary(text: bytes, data: bytes) -> bytes:
    """The two chunks of a binary glTF file."""
    text += b" " * (-len(text) % 4)
    data += b"\0" * (-len(data) % 4)
    chunks = struct.pack("<I4s", len(text), b"JSON") + text
    chunks += struct.pack("<I4s", len(data), b"BIN\0") + data
    return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks


if __name__ == "__main__":
    for title, make in (("chair", chair), ("mug", mug), ("ball", ball)):
        written = write(title, make(), Path(__file__).parent)
        print(f"{written}: {written.stat().st_size} bytes")
