"""Rewriting a YOLOv8/11 graph in memory, so that it does only what counting people needs, at any input size.

    backbone ─► neck ─┬─► boxes   64 ─┐             exported: 80 classes of every cell are scored, all boxes decoded and
                      └─► classes 80 ─┴─► head      laid into one array, for one input size that is baked in
                      ┌─► boxes   64
                      └─► person   1                here: the person's score and the raw boxes leave, and a few dozen
                                                    cells that are somebody are decoded outside (decode_yolo_heads)

An export fixes the input's size in three places: the anchors of the head (cut off here), and two reshapes of the
attention block, which are told again relative to what flows through them. Quantizing the attention's weights in an INT8
export costs more than it saves where the size is free: three conversions of layout, a twentieth of the whole.
"""

from typing import Any, Final

import numpy as np

from edge.errors import DetectorError

#: Four sides of a box, each as a distribution over 16 distances (Li et al. 2020, Generalized Focal Loss).
_BOX_CHANNELS: Final = 64
_LEVELS: Final = 3
#: The coarsest grid: attention runs on cells of so many pixels.
_COARSEST: Final = 32
_PERSON: Final = 0
_IMAGE_AXES: Final = 4


def person_only(openvino: Any, model: Any) -> Any | None:
    """Return `model` rewritten as above, its input free in height and width; None if it is not such a graph.

    Outputs, finest grid first: box logits (1, 64, h, w), person logit (1, 1, h, w), and so on for three grids. `model`
    itself is changed: read it anew where None is returned.
    """
    heads = [op for op in model.get_ordered_ops() if _joins_boxes_and_classes(op)]
    if len(heads) != _LEVELS or len(model.inputs) != 1 or not model.inputs[0].partial_shape.is_static:
        return None
    ops = openvino.opset8
    try:
        outputs = []
        for head in heads:
            outputs += [head.input_value(0), _person_logit(ops, head.input_value(1).get_node())]
        rewritten = openvino.Model(outputs, model.get_parameters(), "person")
        _free_attention(ops, rewritten, model.inputs[0].shape)
        _keep_attention_in_floating_point(rewritten)
        rewritten.get_parameters()[0].set_partial_shape(openvino.PartialShape([1, 3, -1, -1]))
        rewritten.validate_nodes_and_infer_types()
    except (RuntimeError, DetectorError):
        return None
    return rewritten


def takes_pictures(openvino: Any, model: Any) -> Any:
    """Return `model` with what comes before it built in: it takes uint8 (1, H, W, 3) BGR instead of shares of RGB."""
    before = openvino.preprocess.PrePostProcessor(model)
    colours = openvino.preprocess.ColorFormat
    tensor = before.input().tensor().set_element_type(openvino.Type.u8)
    tensor.set_layout(openvino.Layout("NHWC")).set_color_format(colours.BGR)
    before.input().model().set_layout(openvino.Layout("NCHW"))
    before.input().preprocess().convert_color(colours.RGB).convert_element_type(openvino.Type.f32).scale(255.0)
    return before.build()


def _joins_boxes_and_classes(op: Any) -> bool:
    if op.get_type_name() != "Concat" or op.get_input_size() != 2:  # noqa: PLR2004 - boxes and classes
        return False
    shapes = [op.input_value(number).get_partial_shape() for number in range(2)]
    if not all(shape.is_static and len(shape) == _IMAGE_AXES for shape in shapes):
        return False
    joined = op.get_output_shape(0)
    made_by = op.input_value(1).get_node().get_type_name()
    return bool(shapes[0][1].get_length() == _BOX_CHANNELS < joined[1] and made_by == "Add")


def _person_logit(ops: Any, add: Any) -> Any:
    """Return the output of the class branch's last layer, convolution and bias, for the one class that is wanted."""
    convolution, bias = add.input_value(0).get_node(), add.input_value(1)
    if convolution.get_type_name() != "Convolution":
        raise DetectorError(f"expected a convolution before the classes, got {convolution.get_type_name()}")
    wanted = ops.constant(np.array([_PERSON], np.int64))
    weights = ops.gather(convolution.input_value(1), wanted, ops.constant(np.int64(0)))
    layout = (convolution.get_strides(), convolution.get_pads_begin(), convolution.get_pads_end())
    score = ops.convolution(convolution.input_value(0), weights, *layout, convolution.get_dilations())
    return ops.add(score, ops.gather(bias, wanted, ops.constant(np.int64(1)))).output(0)


def _free_attention(ops: Any, model: Any, input_shape: Any) -> None:
    """Let reshapes to and from the coarsest grid follow the size of what comes in."""
    rows, columns = int(input_shape[2]) // _COARSEST, int(input_shape[3]) // _COARSEST
    source = None
    for op in model.get_ordered_ops():
        if op.get_type_name() != "Reshape" or op.input_value(1).get_node().get_type_name() != "Constant":
            continue
        shape = [int(side) for side in op.input_value(1).get_node().get_data()]
        if len(shape) != _IMAGE_AXES:
            continue
        if shape[-1] == rows * columns:
            source = op.input_value(0)
            op.input(1).replace_source_output(ops.constant(np.array([*shape[:-1], -1], np.int64)).output(0))
        elif shape[-2:] == [rows, columns] and source is not None:
            axes = ops.constant(np.array([2, 3], np.int64))
            sides = ops.gather(ops.shape_of(source), axes, ops.constant(np.int64(0)))
            grid = ops.concat([ops.constant(np.array(shape[:2], np.int64)), sides], 0)
            op.input(1).replace_source_output(grid.output(0))


def _keep_attention_in_floating_point(model: Any) -> None:
    """Let what is summed by attention stay as the softmax gave it, instead of rounding it to 256 steps."""
    for op in model.get_ordered_ops():
        if op.get_type_name() != "FakeQuantize" or op.input_value(0).get_node().get_type_name() != "Softmax":
            continue
        for user in list(op.output(0).get_target_inputs()):
            user.replace_source_output(op.input_value(0))
