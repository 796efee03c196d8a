"""A camera's lines and zones, and a site's cameras, looked at together."""

from itertools import combinations

from edge.config import CameraConfig, SiteConfig
from edge.linting.lines import lint_line, lint_line_and_zone, lint_two_lines
from edge.linting.problems import Problem
from edge.linting.scene import People, assumed_people
from edge.linting.walked import Walked, lint_walked
from edge.linting.zones import lint_till, lint_two_zones, lint_zone


def lint_camera(
    camera: CameraConfig, size: tuple[int, int], *, people: People | None = None, walked: Walked | None = None
) -> list[Problem]:
    """Return what is wrong with a camera's lines and zones, errors first.

    Args:
        camera: what is configured.
        size: (width, height) of its pictures, in pixels of the source.
        people: how tall people are there; None: a quarter of the picture is assumed, and said.
        walked: where people were seen to walk; None: nobody watched.
    """
    people = people or assumed_people(size)
    problems = [each for line in camera.lines for each in lint_line(camera, line, size, people)]
    problems += [each for zone in camera.zones for each in lint_zone(camera, zone, size, people)]
    problems += [each for zone in camera.zones for each in lint_till(camera, zone, size)]
    lost = {problem.where for problem in problems if problem.severity == "error"}
    lines = [line for line in camera.lines if line.name not in lost]
    zones = [zone for zone in camera.zones if zone.name not in lost]
    problems += [each for one, other in combinations(lines, 2) for each in lint_two_lines(camera, one, other, people)]
    problems += [each for line in lines for zone in zones for each in lint_line_and_zone(camera, line, zone, people)]
    problems += [each for one, other in combinations(zones, 2) for each in lint_two_zones(camera, one, other)]
    if walked is not None:
        # The floor is walked by feet: a line for people's middles lies above it.
        by_feet = [line for line in lines if (line.anchor or camera.anchor) == "foot"]
        problems += [each for line in by_feet for each in lint_walked(camera, line, walked)]
    return sorted(problems, key=lambda problem: problem.severity != "error")


def lint_site(site: SiteConfig) -> list[Problem]:
    """Return what is wrong between the cameras of a site: two that read one source count its doors twice."""
    problems = []
    counting = [camera for camera in site.cameras if any(line.role == "entrance" for line in camera.lines)]
    for one, other in combinations(counting, 2):
        if one.source == other.source:
            message = f"it reads the same source as camera {other.name}, and both have entrance lines"
            advice = "If these lines are at one door everybody is counted twice: put them into one camera, once each"
            problems.append(Problem("source_used_twice", "warning", one.name, "", message, advice))
    return problems
