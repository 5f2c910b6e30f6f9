"""OBS Studio without a screen: a scene with moving text colours and a tone of silence, streaming from its start."""

import json

from .processes import need

GLOBAL = """\
[General]
FirstRun=true
InfoIncrement=999
LastVersion=486539266
EnableAutoUpdates=false
[BasicWindow]
SysTrayEnabled=false
[Basic]
Profile=test
ProfileDir=test
SceneCollection=test
SceneCollectionFile=test
"""
PROFILE = """\
[General]
Name=test
[Video]
BaseCX=640
BaseCY=360
OutputCX=640
OutputCY=360
FPSType=1
FPSInt=25
[Output]
Mode=Simple
Reconnect=false
[SimpleOutput]
VBitrate=500
ABitrate=96
StreamEncoder=x264
UseAdvanced=true
Preset=ultrafast
[Audio]
SampleRate=44100
ChannelSetup=Stereo
"""


def _scene():
    picture = {"name": "colour", "id": "color_source_v3", "versioned_id": "color_source_v3", "enabled": True,
               "settings": {"color": 4278255360, "width": 640, "height": 360}}
    item = {"name": "colour", "visible": True, "pos": {"x": 0.0, "y": 0.0}, "scale": {"x": 1.0, "y": 1.0}, "id": 1}
    scene = {"name": "scene", "id": "scene", "versioned_id": "scene", "enabled": True,
             "settings": {"id_counter": 1, "items": [item]}}
    return {"name": "test", "current_scene": "scene", "current_program_scene": "scene", "scene_order": [{"name": "scene"}],
            "sources": [picture, scene]}


def start(processes, server, key):
    """Streams to rtmp server + key until it is ended."""
    need("obs", "xvfb-run")
    config = processes.folder / "obs-config"
    profile = config / "obs-studio/basic/profiles/test"
    scenes = config / "obs-studio/basic/scenes"
    profile.mkdir(parents=True, exist_ok=True)  # it may be started again
    scenes.mkdir(parents=True, exist_ok=True)
    (config / "obs-studio/global.ini").write_text(GLOBAL)
    (profile / "basic.ini").write_text(PROFILE)
    (profile / "service.json").write_text(json.dumps(
        {"type": "rtmp_custom", "settings": {"server": server, "key": key, "use_auth": False, "bwtest": False}}))
    (scenes / "test.json").write_text(json.dumps(_scene()))
    for path in (config, *config.rglob("*")):
        path.chmod(0o777 if path.is_dir() else 0o666)
    program = ["xvfb-run", "-a", "-s", "-screen 0 1280x720x24", "env", f"XDG_CONFIG_HOME={config}", "LIBGL_ALWAYS_SOFTWARE=1",
               "obs", "--multi", "--startstreaming", "--profile", "test", "--collection", "test", "--minimize-to-tray"]
    return processes.start("obs", program, unprivileged=True)
